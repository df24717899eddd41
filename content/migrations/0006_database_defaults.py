"""Whatever has a default in the code has one in the database: a release that does not know a column can still write
its rows."""

from django.db import migrations, models

from content.database_defaults import SetDatabaseDefaults


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0005_names_in_the_admin"),
    ]

    operations = [
        SetDatabaseDefaults(
            [
                migrations.AlterField(
                    model_name="biomarkercontent",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                migrations.AlterField(
                    model_name="biomarkercontent",
                    name="ncit",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=20, verbose_name="NCIt code"
                    ),
                ),
                migrations.AlterField(
                    model_name="cancertypecontent",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                migrations.AlterField(
                    model_name="cancertypecontent",
                    name="ncit",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=20, verbose_name="NCIt code"
                    ),
                ),
                migrations.AlterField(
                    model_name="centerlistblock",
                    name="country",
                    field=models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Two letters (ISO 3166). Empty: all.",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                migrations.AlterField(
                    model_name="clinician",
                    name="biography",
                    field=models.TextField(blank=True, db_default="", default="", verbose_name="about"),
                ),
                migrations.AlterField(
                    model_name="clinician",
                    name="is_demo",
                    field=models.BooleanField(
                        db_default=False,
                        default=False,
                        editable=False,
                        help_text="A demo account: its sign-offs never count as a review.",
                    ),
                ),
                migrations.AlterField(
                    model_name="clinician",
                    name="is_shown",
                    field=models.BooleanField(
                        db_default=True, default=True, verbose_name="shown on the team page"
                    ),
                ),
                migrations.AlterField(
                    model_name="clinician",
                    name="license_number",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=60, verbose_name="license number"
                    ),
                ),
                migrations.AlterField(
                    model_name="clinician",
                    name="register_url",
                    field=models.URLField(
                        blank=True, db_default="", default="", verbose_name="public register"
                    ),
                ),
                migrations.AlterField(
                    model_name="consultationcallblock",
                    name="about",
                    field=models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="An entry to mention in the form, such as drug:pembrolizumab.",
                        max_length=100,
                        verbose_name="about",
                    ),
                ),
                migrations.AlterField(
                    model_name="drugcontent",
                    name="atc",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=10, verbose_name="ATC code"
                    ),
                ),
                migrations.AlterField(
                    model_name="drugcontent",
                    name="kind",
                    field=models.CharField(
                        choices=[
                            ("immunotherapy", "Immunotherapy"),
                            ("related", "Related to immunotherapy"),
                            ("partner", "Given together with immunotherapy"),
                        ],
                        db_default="immunotherapy",
                        default="immunotherapy",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                migrations.AlterField(
                    model_name="drugcontent",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                migrations.AlterField(
                    model_name="drugcontent",
                    name="ncit",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=20, verbose_name="NCIt code"
                    ),
                ),
                migrations.AlterField(
                    model_name="drugcontent",
                    name="pronunciation",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=80, verbose_name="how to say it"
                    ),
                ),
                migrations.AlterField(
                    model_name="glossaryterm",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="glossaryterm",
                    name="review_state",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not approved yet"),
                            ("unreviewed", "Not checked by a clinician"),
                            ("reviewed", "Checked by a clinician"),
                        ],
                        db_default="",
                        default="",
                        editable=False,
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="glossaryterm",
                    name="state",
                    field=models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("retired", "Retired")],
                        db_default="draft",
                        default="draft",
                        editable=False,
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="indication",
                    name="review_state",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not approved yet"),
                            ("unreviewed", "Not checked by a clinician"),
                            ("reviewed", "Checked by a clinician"),
                        ],
                        db_default="",
                        default="",
                        editable=False,
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="indication",
                    name="state",
                    field=models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("retired", "Retired")],
                        db_default="draft",
                        default="draft",
                        editable=False,
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="indication",
                    name="status",
                    field=models.CharField(
                        choices=[("current", "Current"), ("withdrawn", "Withdrawn")],
                        db_default="current",
                        default="current",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                migrations.AlterField(
                    model_name="indication",
                    name="terms",
                    field=models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        editable=False,
                        help_text="Biomarkers, partners and people, in one line.",
                        max_length=500,
                    ),
                ),
                migrations.AlterField(
                    model_name="indicationtableblock",
                    name="regulator",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("FDA", "FDA (United States)"),
                            ("EMA", "EMA (European Union)"),
                            ("IL-MOH", "Ministry of Health (Israel)"),
                        ],
                        db_default="",
                        default="",
                        help_text="Empty: all regulators.",
                        max_length=10,
                        verbose_name="regulator",
                    ),
                ),
                migrations.AlterField(
                    model_name="indicationtext",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="indicationtext",
                    name="note",
                    field=models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="What is not certain about this record, in plain words.",
                        max_length=250,
                        verbose_name="note",
                    ),
                ),
                migrations.AlterField(
                    model_name="indicationtext",
                    name="population",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="for whom"
                    ),
                ),
                migrations.AlterField(
                    model_name="occurrencetext",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="question",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="question",
                    name="review_state",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not approved yet"),
                            ("unreviewed", "Not checked by a clinician"),
                            ("reviewed", "Checked by a clinician"),
                        ],
                        db_default="",
                        default="",
                        editable=False,
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="question",
                    name="state",
                    field=models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("retired", "Retired")],
                        db_default="draft",
                        default="draft",
                        editable=False,
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="questionlistblock",
                    name="topic",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("basics", "The basics"),
                            ("treatment", "Having treatment"),
                            ("side-effects", "Side effects"),
                            ("daily-life", "Daily life"),
                            ("cost-and-access", "Cost and access"),
                        ],
                        db_default="",
                        default="",
                        help_text="Empty: all topics.",
                        max_length=20,
                        verbose_name="topic",
                    ),
                ),
                migrations.AlterField(
                    model_name="searchdocument",
                    name="summary",
                    field=models.TextField(blank=True, db_default="", default=""),
                ),
                migrations.AlterField(
                    model_name="searchdocument",
                    name="text",
                    field=models.TextField(blank=True, db_default="", default=""),
                ),
                migrations.AlterField(
                    model_name="searchname",
                    name="is_title",
                    field=models.BooleanField(db_default=False, default=False),
                ),
                migrations.AlterField(
                    model_name="sideeffectcontent",
                    name="ctcae",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=80, verbose_name="CTCAE term"
                    ),
                ),
                migrations.AlterField(
                    model_name="sideeffectcontent",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                migrations.AlterField(
                    model_name="sideeffectgridblock",
                    name="urgency",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("emergency", "Emergency"),
                            ("same_day", "Call today"),
                            ("routine", "Mention at your next visit"),
                        ],
                        db_default="",
                        default="",
                        help_text="Empty: all, the most urgent first.",
                        max_length=20,
                        verbose_name="urgency",
                    ),
                ),
                migrations.AlterField(
                    model_name="sideeffectoccurrence",
                    name="review_state",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not approved yet"),
                            ("unreviewed", "Not checked by a clinician"),
                            ("reviewed", "Checked by a clinician"),
                        ],
                        db_default="",
                        default="",
                        editable=False,
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="sideeffectoccurrence",
                    name="state",
                    field=models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("retired", "Retired")],
                        db_default="draft",
                        default="draft",
                        editable=False,
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="signoff",
                    name="notes",
                    field=models.TextField(blank=True, db_default="", default="", verbose_name="notes"),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="about",
                    field=models.TextField(blank=True, db_default="", default="", verbose_name="who we are"),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="address",
                    field=models.TextField(blank=True, db_default="", default="", verbose_name="address"),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="email",
                    field=models.EmailField(
                        blank=True, db_default="", default="", max_length=254, verbose_name="e-mail"
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="license_number",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=60, verbose_name="license number"
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="organization",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=160, verbose_name="organization"
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="phone",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=40, verbose_name="phone"
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="register_url",
                    field=models.URLField(
                        blank=True, db_default="", default="", verbose_name="public register"
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="reply_working_days",
                    field=models.PositiveSmallIntegerField(
                        db_default=1, default=1, verbose_name="we reply within (working days)"
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="viber",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=40, verbose_name="Viber"
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="whatsapp",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=40, verbose_name="WhatsApp"
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="who_pays",
                    field=models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Shown beside every call to action, in plain words.",
                        verbose_name="who pays us",
                    ),
                ),
                migrations.AlterField(
                    model_name="siteprofile",
                    name="working_hours",
                    field=models.CharField(
                        db_default="Sunday-Thursday, 9:00-17:00",
                        default="Sunday-Thursday, 9:00-17:00",
                        max_length=120,
                        verbose_name="working hours",
                    ),
                ),
                migrations.AlterField(
                    model_name="therapyclasscontent",
                    name="diagram",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("checkpoint-inhibitor", "How a checkpoint inhibitor works"),
                            ("car-t", "CAR-T in steps"),
                            ("bcg", "BCG in the bladder"),
                        ],
                        db_default="",
                        default="",
                        max_length=40,
                        verbose_name="drawing",
                    ),
                ),
                migrations.AlterField(
                    model_name="therapyclasscontent",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                migrations.AlterField(
                    model_name="therapyclasscontent",
                    name="ncit",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=20, verbose_name="NCIt code"
                    ),
                ),
                migrations.AlterField(
                    model_name="treatmentcentercontent",
                    name="country",
                    field=models.CharField(
                        db_default="IL",
                        default="IL",
                        help_text="Two letters (ISO 3166).",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                migrations.AlterField(
                    model_name="treatmentcentercontent",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                migrations.AlterField(
                    model_name="update",
                    name="language",
                    field=models.CharField(
                        choices=[("en", "English"), ("he", "עברית"), ("ar", "العربية"), ("ru", "Русский")],
                        db_default="en",
                        default="en",
                        max_length=10,
                    ),
                ),
                migrations.AlterField(
                    model_name="updatelistblock",
                    name="kind",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("approval", "New approval"),
                            ("withdrawal", "Use withdrawn"),
                            ("safety", "Safety"),
                            ("page", "This site"),
                        ],
                        db_default="",
                        default="",
                        help_text="Empty: all kinds.",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                migrations.AlterField(
                    model_name="updatelistblock",
                    name="limit",
                    field=models.PositiveSmallIntegerField(db_default=5, default=5, verbose_name="how many"),
                ),
            ]
        ),
    ]
