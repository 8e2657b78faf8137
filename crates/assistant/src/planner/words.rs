//! A question as words, and what they mean.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use super::vocabulary::{COMMON, VOCABULARY};

/// A word of the question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// As it was written, without the punctuation around it.
    pub(super) raw: String,
    /// In lower case.
    pub(super) text: String,
    /// It stood in quotes: a name, never a word.
    pub(super) quoted: bool,
    /// It is a name or a figure that was understood, and means nothing besides.
    pub(super) taken: bool,
}

/// A question as words.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    pub(super) tokens: Vec<Token>,
    /// What the words mean.
    pub(super) meanings: BTreeSet<&'static str>,
}

struct Lexicon {
    words: HashMap<String, Vec<&'static str>>,
    stems: HashMap<String, Vec<&'static str>>,
    phrases: Vec<(Vec<String>, &'static str)>,
    common: HashSet<&'static str>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = Lexicon {
        words: HashMap::new(),
        stems: HashMap::new(),
        phrases: Vec::new(),
        common: COMMON.split_whitespace().collect(),
    };
    for &(meaning, words) in VOCABULARY {
        for word in words.split_whitespace() {
            if word.contains('_') {
                let phrase = word.split('_').map(stem).collect();
                lexicon.phrases.push((phrase, meaning));
                continue;
            }
            lexicon.words.entry(word.to_owned()).or_default().push(meaning);
            let stems = lexicon.stems.entry(stem(word)).or_default();
            if !stems.contains(&meaning) {
                stems.push(meaning);
            }
        }
    }
    lexicon
});

impl Words {
    /// Cuts a question into words. What stands in quotes is one word.
    pub(super) fn of(question: &str) -> Self {
        let folded: String = question.chars().map(plain_quote).collect();
        let mut tokens = Vec::new();
        let mut rest = folded.trim_start();
        while let Some(first) = rest.chars().next() {
            let (token, after) = match quoted(rest, first) {
                Some((inside, after)) => (token_of(inside, true), after),
                None => {
                    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                    let (word, after) = rest.split_at(end);
                    (token_of(bare(word), false), after)
                }
            };
            tokens.extend(token.filter(|token| !token.text.is_empty()));
            rest = after.trim_start();
        }
        Self {
            tokens,
            meanings: BTreeSet::new(),
        }
    }

    /// Reads what the words mean that are no names.
    pub(super) fn read_meanings(&mut self) {
        let words: Vec<&str> = self
            .tokens
            .iter()
            .map(|token| {
                if token.taken || token.quoted {
                    ""
                } else {
                    token.text.as_str()
                }
            })
            .collect();
        let mut found = BTreeSet::new();
        for word in words.iter().filter(|word| !word.is_empty()) {
            found.extend(meanings_of(word));
        }
        let stems: Vec<String> = words
            .iter()
            .map(|word| {
                if is_negated(word) {
                    "not".to_owned()
                } else {
                    stem(word)
                }
            })
            .collect();
        for (phrase, meaning) in &LEXICON.phrases {
            if stems
                .windows(phrase.len())
                .any(|window| window == phrase.as_slice())
            {
                found.insert(meaning);
            }
        }
        self.meanings = found;
    }

    /// Whether something of this is meant.
    pub(super) fn mean(&self, any: &[&str]) -> bool {
        any.iter().any(|meaning| self.meanings.contains(meaning))
    }

    /// Whether one of these words stands there as it is.
    pub(super) fn say(&self, any: &[&str]) -> bool {
        self.tokens
            .iter()
            .any(|token| !token.quoted && any.contains(&token.text.as_str()))
    }

    /// The same, also with a typo in it.
    pub(super) fn say_alike(&self, any: &[&str]) -> bool {
        self.say(any)
            || self.tokens.iter().any(|token| {
                !token.quoted && !is_known(&token.text) && nearest(&token.text, any.iter().copied()).is_some()
            })
    }

    /// Whether the words stand there one after the other.
    pub(super) fn say_phrase(&self, phrase: &str) -> bool {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        self.tokens.windows(phrase.len()).any(|window| {
            let mut pairs = window.iter().zip(&phrase);
            pairs.all(|(token, word)| !token.quoted && token.text == *word)
        })
    }

    /// The words in lower case; what is quoted or beyond the end is empty.
    pub(super) fn at(&self, index: usize) -> &str {
        match self.tokens.get(index) {
            Some(token) if !token.quoted => &token.text,
            _ => "",
        }
    }

    pub(super) fn before(&self, index: usize) -> &str {
        index.checked_sub(1).map_or("", |before| self.at(before))
    }

    pub(super) fn take(&mut self, index: usize) {
        if let Some(token) = self.tokens.get_mut(index) {
            token.taken = true;
        }
    }
}

/// Whether a word is one that people use, and so no name.
pub(super) fn is_known(word: &str) -> bool {
    is_common(word) || LEXICON.words.contains_key(word) || LEXICON.stems.contains_key(&stem(word))
}

pub(super) fn is_common(word: &str) -> bool {
    LEXICON.common.contains(word)
}

/// Whether a word says what is done with a bucket.
pub(super) fn is_deed(word: &str) -> bool {
    const DEEDS: [&str; 8] = [
        "read", "download", "upload", "delete", "traffic", "list", "do", "grow",
    ];
    meanings_of(word).iter().any(|meaning| DEEDS.contains(meaning))
}

/// Whether a word that nobody uses is near one that means something.
pub(super) fn looks_mistyped(word: &str) -> bool {
    !is_known(word) && !meanings_of(word).is_empty()
}

/// How far a word may be from another that it is taken for: short ones not at all.
pub(super) fn tolerance(word: &str) -> usize {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Which of these a word is most likely a typo of.
pub(super) fn nearest<'a>(word: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let tolerance = tolerance(word);
    among
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= tolerance.min(self::tolerance(candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

fn meanings_of(word: &str) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    found.extend(LEXICON.words.get(word).into_iter().flatten());
    // `logs` are no `logging`: another form of a word only where the word itself is not known.
    if found.is_empty() {
        found.extend(LEXICON.stems.get(&stem(word)).into_iter().flatten());
    }
    let could_be_typo = word.len() >= 4 && word.chars().all(|c| c.is_alphabetic() || c == '\'');
    if found.is_empty() && could_be_typo && !is_common(word) {
        if let Some(common) = near_common(word) {
            return LEXICON.words.get(common).cloned().unwrap_or_default();
        }
        // The first letter is seldom wrong, and of short words only such typos are believed.
        let alike = |known: &&String| {
            known.len() > 3 && (word.len() > 5 || known.chars().next() == word.chars().next())
        };
        let words = LEXICON.words.keys().filter(alike).map(String::as_str);
        let stems = LEXICON.stems.keys().filter(alike).map(String::as_str);
        let by_word = nearest(word, words).and_then(|meant| LEXICON.words.get(meant));
        let by_stem = || nearest(&stem(word), stems).and_then(|meant| LEXICON.stems.get(meant));
        found.extend(by_word.or_else(by_stem).into_iter().flatten());
    }
    found
}

fn near_common(word: &str) -> Option<&'static str> {
    nearest(
        word,
        LEXICON.common.iter().copied().filter(|common| common.len() > 4),
    )
}

/// `isn't`, `werent`, and such.
fn is_negated(word: &str) -> bool {
    let stem = word.strip_suffix("n't").or_else(|| word.strip_suffix("nt"));
    stem.is_some_and(|stem| {
        matches!(
            stem,
            "is" | "are" | "was" | "were" | "wer" | "has" | "have" | "had" | "do" | "does" | "did"
        )
    })
}

/// A word without its ending, roughly: `deleted` and `deletes` are one.
fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let short = |ending: &str| word.strip_suffix(ending).filter(|rest| rest.chars().count() >= 3);
    let cut = ["ings", "ing", "ies", "ed", "es", "s"]
        .into_iter()
        .find_map(short)
        .unwrap_or(word);
    let cut = cut
        .strip_suffix('e')
        .filter(|rest| rest.chars().count() >= 3)
        .unwrap_or(cut);
    let mut letters: Vec<char> = cut.chars().collect();
    if let [.., a, b] = letters.as_slice()
        && a == b
        && letters.len() > 3
    {
        letters.pop();
    }
    if let Some(last) = letters.last_mut().filter(|last| **last == 'y') {
        *last = 'i';
    }
    letters.into_iter().collect()
}

fn plain_quote(c: char) -> char {
    match c {
        '‘' | '’' | '‚' | '′' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        c => c,
    }
}

/// What stands in quotes at the beginning, and what follows. An apostrophe inside of a word ends nothing.
fn quoted(text: &str, quote: char) -> Option<(&str, &str)> {
    if !matches!(quote, '`' | '"' | '\'') {
        return None;
    }
    let inside = text.strip_prefix(quote)?;
    let ends = |after: &str| after.chars().next().is_none_or(|next| !next.is_alphanumeric());
    let end = inside
        .match_indices(quote)
        .map(|(end, _)| end)
        .find(|&end| inside.get(end + 1..).is_some_and(ends))?;
    Some((inside.get(..end)?, inside.get(end + 1..)?))
}

fn token_of(raw: &str, quoted: bool) -> Option<Token> {
    let raw = if quoted {
        raw
    } else {
        raw.strip_suffix("'s").unwrap_or(raw)
    };
    (!raw.is_empty()).then(|| Token {
        raw: raw.to_owned(),
        text: raw.to_lowercase(),
        quoted,
        taken: false,
    })
}

/// A word without the punctuation around it. A leading dot (`.png`) and a trailing slash (`logs/`) belong to it.
fn bare(word: &str) -> &str {
    word.trim_start_matches(['(', '[', '{', ',', ';', ':', '!', '?', '"', '\'', '`', '<'])
        .trim_end_matches([
            ')', ']', '}', ',', ';', ':', '!', '?', '.', '"', '\'', '`', '>', '…',
        ])
}
