"""Questions as patients ask them, full of what programs are known by, and the work of programs beside them."""

from __future__ import annotations

QUESTIONS = (
    # English
    "Is this trial for me? https://www.nejm.org/doi/1 and https://www.esmo.org/x",
    "My reports are here: https://drive.example/a https://drive.example/b https://drive.example/c and "
    "https://drive.example/d. I could not put them into one file.",
    "Keynote-189 or CheckMate 9LA? I read www.nejm.org, www.cancer.gov and www.esmo.org and I am lost.",
    "NCT04380636 is recruiting near us. See https://clinicaltrials.gov/study/NCT04380636",
    "Please write to my son: david@example.org, +1 (555) 010-0000, or his office +44 20 7946 0000.",
    "We live at 12 Rothschild Blvd, Apt 4, Tel Aviv 6688112. Is the clinic near?",
    "Price of one infusion? I saw $4,500, $9,000 and 15,000 EUR. Can we pay in bitcoin?",
    "FREE trials only please!!! We cannot pay. URGENT!!!",
    "Can I take Viagra or Cialis with nivolumab after my prostate was removed?",
    "I took a loan and a credit for the treatment. Is there help with money?",
    "I worked in a casino for thirty years, with a lot of smoke. Is it the reason?",
    "Dr. Seo in Seoul offered CAR-T. His page: http://hospital.example/seo/car-t",
    "My doctor's letter: https://mail.example/u/0/?view=att&th=17f&attid=0.1&disp=inline&zw",
    "PD-L1 TPS 80%, TMB 12 mut/Mb, MSI-H, EGFR wt, ALK neg, KRAS G12C. What now?",
    "a",
    "https://web.archive.org/web/2020/https://www.fda.gov/drugs",
    "Results on www.mychart.example user name in the file. Also www.lab.example, see page 3.",
    "Which of these is right? (https://a.example/1), (https://b.example/2); [https://c.example/3]",
    # Hebrew
    "קראתי על המחקר https://clinicaltrials.gov/study/NCT03409614 האם הוא מתאים לי?",
    "הטלפון של אבא 052-123-4567 ושל אמא 03-1234567, לחזור אחרי 17:00",
    "כתובת: רחוב הרצל 5, דירה 3, חיפה. דוא\"ל: dana@example.org",
    "KEYNOTE-189 לעומת CheckMate-227, ראיתי ב-www.nejm.org וב-www.esmo.org",
    "הבדיקות כאן: https://drive.example/1 https://drive.example/2",
    "כמה עולה קיטרודה? ראיתי 25,000 ש\"ח באתר https://www.example.co.il/price",
    "האם יש הנחה? אנחנו בלי ביטוח!!!",
    # Arabic
    "هل هذه الدراسة مناسبة لي؟ https://clinicaltrials.gov/study/NCT04380636",
    "رقم هاتفي ٠٥٠١٢٣٤٥٦٧ ورقم أخي ‎+971 50 555 0102 والبريد omar@example.org",
    "العنوان: شارع الملك فيصل ١٢، عمّان. هل يوجد مركز قريب؟",
    "قرأت عن KEYNOTE-042 في https://www.nejm.org/a و https://www.esmo.org/b",
    "التقارير هنا https://drive.example/a https://drive.example/b https://drive.example/c https://drive.example/d",
    "كم السعر؟ ٤٥٠٠ دولار؟ مجاناً؟",
    # Russian
    "Подойдёт ли мне исследование https://clinicaltrials.gov/study/NCT04380636 ?",
    "Снимки на диске: https://disk.example/d/1 https://disk.example/d/2 https://disk.example/d/3 "
    "https://disk.example/d/4",
    "Позвоните сыну: 8 (999) 123-45-67 или +7 495 123-45-67, почта ivan@example.org",
    "Адрес: Киев, ул. Крещатик, д. 1, кв. 5. Есть ли врач рядом?",
    "KEYNOTE-189, CheckMate 9LA, IMpower150 - что лучше? Читал на www.nejm.org",
    "Взяли кредит на лечение, где дешевле? Видел 300 000 руб. и 4 500 $",
    "ПОМОГИТЕ!!! СРОЧНО!!! Маме хуже!",
    "Проиграл всё в казино, денег на лечение нет. Можно бесплатно?",
    "Нашёл вас на форуме https://onco.example/forum/viewtopic.php?f=1&t=2#p3, там хвалят Китруду",
)  # fmt: skip

TEN_LINKS = " ".join(f"https://shop-{number}.example/offer" for number in range(10))
# What it says, how many seconds the form was open, whether the trap was filled in.
PROGRAMS = {
    "seo": (
        "We offer SEO services and quality backlinks: https://a.example https://b.example https://c.example "
        "https://d.example",
        300,
        False,
    ),
    "casino": ("Best online CASINO, free spins! <a href='http://win.example'>click</a>", 300, False),
    "russian casino": ("Лучшее казино [url=http://win.example]тут[/url]", 300, False),
    "ten links": (TEN_LINKS, 1, False),
    "filled in at once": ("Hello, nice site", 1, True),
    "trap and links": (TEN_LINKS, 300, True),
}
