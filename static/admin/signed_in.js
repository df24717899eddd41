// The small window in which somebody signed in again over their form.
if (window.opener) window.close();
