"""The CTCAE v5.0 starter list: spelling, classes and grades as the NCI table has them."""

import pytest

from assessments import terms
from assessments.dlt import event as dlt


@pytest.mark.parametrize(
    ("term", "soc", "grades"),
    [
        ("Anemia", "Blood and lymphatic system disorders", "12345"),
        ("Febrile neutropenia", "Blood and lymphatic system disorders", "345"),
        ("Neutrophil count decreased", "Investigations", "1234"),
        ("Platelet count decreased", "Investigations", "1234"),
        ("White blood cell decreased", "Investigations", "1234"),
        ("Lymphocyte count decreased", "Investigations", "1234"),
        ("CD4 lymphocytes decreased", "Investigations", "1234"),
        ("Alanine aminotransferase increased", "Investigations", "1234"),
        ("Aspartate aminotransferase increased", "Investigations", "1234"),
        ("Blood bilirubin increased", "Investigations", "1234"),
        ("Creatinine increased", "Investigations", "1234"),
        ("Weight loss", "Investigations", "123"),
        ("Nausea", "Gastrointestinal disorders", "123"),
        ("Vomiting", "Gastrointestinal disorders", "12345"),
        ("Diarrhea", "Gastrointestinal disorders", "12345"),
        ("Fatigue", "General disorders and administration site conditions", "123"),
        ("Death NOS", "General disorders and administration site conditions", "5"),
        ("Hyponatremia", "Metabolism and nutrition disorders", "12345"),
        ("Anorexia", "Metabolism and nutrition disorders", "12345"),
        ("Insomnia", "Psychiatric disorders", "123"),
        ("Sepsis", "Infections and infestations", "345"),
    ],
)
def test_a_term_has_its_class_and_grades(term, soc, grades):
    assert terms.soc(term) == soc
    assert terms.grades(term) == tuple(map(int, grades))


def test_every_term_that_a_dlt_criterion_names_is_in_the_list():
    named = dlt.HAEMATOLOGICAL | dlt.ELECTROLYTES | dlt.GUT | {dlt.FEBRILE, dlt.FATIGUE, dlt.HYPERGLYCEMIA}

    assert {term for term in named if terms.soc(term) is None} == set()


def test_every_class_has_its_other_term():
    known = terms.all_terms().values()
    other = {term.soc for term in known if term.term.endswith(" - Other, specify")}

    assert {term.soc for term in known} == other
    # CTCAE itself says "disorder" here and "disorders" in the class
    assert terms.soc("Musculoskeletal and connective tissue disorder - Other, specify") in other


@pytest.mark.parametrize("text", ["platelet count", "COUNT platelet", "  plate   decr "])
def test_words_find_a_term_in_any_order_and_case(text):
    assert "Platelet count decreased" in [term.term for term in terms.find(text)]


def test_a_word_that_is_nowhere_finds_nothing():
    assert terms.find("platelet plague") == []


def test_grades_rise_and_are_named_once():
    for term in terms.all_terms().values():
        assert list(term.grades) == sorted(set(term.grades)), term.term
