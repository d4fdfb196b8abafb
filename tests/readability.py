"""How hard a text is to read: the Flesch-Kincaid grade, of the words that are shown of an article."""

from __future__ import annotations

import re

_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^aeiouyl]e|[^aeiouytd]ed|[^aeiouysxzcgh]es)$")


def syllables(word: str) -> int:
    """Count the syllables of an English word; of a number, one for each digit."""
    word = word.lower()
    if word.isdigit():
        return len(word)
    count = len(_VOWELS.findall(word)) - bool(_SILENT.search(word))
    count += sum(pair in word for pair in ("ia", "io", "iu", "eo"))
    count -= sum(pair in word for pair in ("tion", "sion", "cial", "tial", "gion", "cious", "tious", "people"))
    return max(1, count)


def shown_words(article: str) -> str:
    """Give the sentences of an article's source, without headings, pictures, marks of Markdown and references."""
    article = article.partition("\n## References")[0]
    article = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", article)
    lines = [re.sub(r"^- ", "", line).replace("*", "") for line in article.splitlines() if not line.startswith("#")]
    return "\n".join(line if line[-1] in ".:?!" else f"{line}." for line in lines if line.strip())


def flesch_kincaid_grade(text: str) -> float:
    """Grade of the school in which a text is read with ease: 0.39 words/sentence + 11.8 syllables/word - 15.59."""
    sentences = [one for one in re.split(r"[.?!](?=\s|$)", text) if re.search(r"\w", one)]
    words = re.findall(r"[A-Za-z']+|\d+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
