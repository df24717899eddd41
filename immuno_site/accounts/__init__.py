"""How staff sign in.

An administrator invites; the person sets a password and enrolls a second factor; from then on both are asked
for. allauth holds the pages, axes the lock. What is ours: nobody without a second factor gets past enrollment
(middleware), sessions end (sessions), secrets are encrypted (second_factor), letters (letters), accounts (admin).
"""
