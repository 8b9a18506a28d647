"""용어: every word once, in both languages, and the words that answers and arguments use are among them."""

from __future__ import annotations

import re

from sugeup.market import glossary, investors


def test_every_word_is_told_once_and_in_both_languages() -> None:
    words = [term.word for term in glossary.TERMS]
    assert sorted(set(words)) == sorted(words)
    for term in glossary.TERMS:
        assert re.search("[가-힣]", term.korean), term
        assert re.search("[가-힣]", term.korean_meaning), term
        assert term.meaning and len(term.meaning) < 80, term


def test_the_four_groups_are_explained_by_their_own_names() -> None:
    found = {term.word: term for term in glossary.TERMS}
    for group in investors.GROUPS:
        assert group in found
        korean = {one.id: one.korean for one in (*investors.LEAVES, *investors.SUMS)}[group]
        assert korean == found[group].korean
