"""The library's concepts, one file each. A new kind of entry is imported here and named in `content.kinds`."""

from content.models.asked_term import AskedTerm
from content.models.base import Entry, EntryContent, Section, UrgentEntryContent
from content.models.biomarker import Biomarker, BiomarkerContent
from content.models.block import BLOCKS, Block, ProseBlock
from content.models.bulk_change import BulkChange, BulkDraft
from content.models.cancer_type import CancerType, CancerTypeContent
from content.models.clinician import Clinician, ClinicianPhoto
from content.models.coverage import Coverage
from content.models.drug import Drug, DrugContent
from content.models.entries import content_model_in, content_models
from content.models.entry_link import EntryLink, record_new_links
from content.models.fact import Fact, FactWords, TabledFact, WrittenFact
from content.models.fact_signature import FactSignature
from content.models.former_slug import FormerSlug
from content.models.glossary_term import GlossaryTerm
from content.models.handover import Handover, Remark
from content.models.imported_file import ImportedFile
from content.models.indication import BiomarkerRequirement, Indication, IndicationText, RegimenMember
from content.models.media import Leaflet, LeafletFile, Picture, Rendition
from content.models.page_check import PageCheck
from content.models.page_path import PagePath
from content.models.question import Question
from content.models.result import Result, ResultArm, ResultOutcome, ResultText
from content.models.schedule import Schedule
from content.models.search_document import SearchDocument, SearchName, SearchWord
from content.models.side_effect import SideEffect, SideEffectContent
from content.models.side_effect_occurrence import OccurrenceText, SideEffectOccurrence
from content.models.sign import LayWords, Sign, SignLevel, SignText
from content.models.sign_off import DraftEdit, Publication, SignOff
from content.models.site_profile import SiteProfile, SiteProfileText
from content.models.source import Citation, Source, record_citations
from content.models.source_look import SourceLook
from content.models.therapy_class import TherapyClass, TherapyClassContent
from content.models.treatment_center import TreatmentCenter, TreatmentCenterContent
from content.models.treatment_group import TreatmentGroup
from content.models.unsaved import Unsaved
from content.models.update import Update

WRITTEN_FACTS: tuple[type[WrittenFact], ...] = (GlossaryTerm, Question, Update)
TABLED_FACTS: tuple[type[TabledFact], ...] = (Indication, SideEffectOccurrence, Sign, Result)
FACT_MODELS: tuple[type[Fact], ...] = (*TABLED_FACTS, *WRITTEN_FACTS)

__all__ = [
    "BLOCKS", "FACT_MODELS", "TABLED_FACTS", "WRITTEN_FACTS", "AskedTerm", "Biomarker", "BiomarkerContent",
    "BiomarkerRequirement", "Block", "BulkChange", "BulkDraft", "CancerType", "CancerTypeContent", "Citation",
    "Clinician", "ClinicianPhoto", "Coverage", "DraftEdit", "Drug", "DrugContent", "Entry", "EntryContent",
    "EntryLink", "Fact", "FactSignature", "FactWords", "FormerSlug", "GlossaryTerm", "Handover",
    "ImportedFile", "Indication", "IndicationText", "LayWords", "Leaflet", "LeafletFile", "OccurrenceText",
    "PageCheck", "PagePath", "Picture", "ProseBlock", "Publication", "Question", "RegimenMember", "Remark",
    "Rendition", "Result", "ResultArm", "ResultOutcome", "ResultText", "Schedule", "SearchDocument",
    "SearchName", "SearchWord", "Section", "SideEffect", "SideEffectContent", "SideEffectOccurrence", "Sign",
    "SignLevel", "SignOff", "SignText", "SiteProfile", "SiteProfileText", "Source", "SourceLook",
    "TabledFact", "TherapyClass", "TherapyClassContent", "TreatmentCenter", "TreatmentCenterContent",
    "TreatmentGroup", "Unsaved", "Update", "UrgentEntryContent", "WrittenFact", "content_model_in",
    "content_models", "record_citations", "record_new_links",
]  # fmt: skip
