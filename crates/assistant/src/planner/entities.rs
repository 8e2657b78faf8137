//! The names in a question: buckets, keys, prefixes, addresses, requesters, file types, sizes, how many.

mod buckets;
mod names;

use spacewatch_model::ByteSize;

use super::words::{Token, Words, is_common, is_known};

/// Characters of a name that is kept; object keys are no longer.
const MAX_NAME: usize = 1024;
/// What is asked for at most at once.
const MAX_ROWS: usize = 50;

/// What a question is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Subject {
    pub(super) bucket: Option<String>,
    /// A bucket that these keys don't see.
    pub(super) unseen: Option<String>,
    pub(super) key: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) ip: Option<String>,
    pub(super) requester: Option<String>,
    pub(super) access_key: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) extension: Option<String>,
    /// As it was written: `1 TB`.
    pub(super) size: Option<String>,
    pub(super) status: Option<String>,
    /// So many of them.
    pub(super) rows: Option<usize>,
}

impl Subject {
    /// What is absent here is as it was there.
    pub(super) fn or(self, other: &Self) -> Self {
        let other = other.clone();
        Self {
            bucket: self.bucket.or(other.bucket),
            unseen: self.unseen,
            key: self.key.or(other.key),
            prefix: self.prefix.or(other.prefix),
            ip: self.ip.or(other.ip),
            requester: self.requester.or(other.requester),
            access_key: self.access_key.or(other.access_key),
            agent: self.agent.or(other.agent),
            extension: self.extension.or(other.extension),
            size: self.size.or(other.size),
            status: self.status.or(other.status),
            rows: self.rows.or(other.rows),
        }
    }
}

/// Reads the names, and marks those words as understood.
pub(super) fn read(words: &mut Words, buckets: &[String]) -> Subject {
    let mut subject = Subject::default();
    for index in 0..words.tokens.len() {
        let Some(token) = words.tokens.get(index).filter(|token| !token.taken).cloned() else {
            continue;
        };
        if names::read(&mut subject, &token, index, words, buckets) {
            words.take(index);
        }
    }
    buckets::read(&mut subject, words, buckets);
    for index in 0..words.tokens.len() {
        sizes(&mut subject, words, index);
        rows(&mut subject, words, index);
        if subject.prefix.is_none() {
            subject.prefix = named_prefix(words, index);
        }
        if subject.requester.is_none() && subject.access_key.is_none() {
            subject.requester = named_requester(words, index);
        }
    }
    subject
}

fn bounded(name: &str) -> Option<String> {
    Some(name.chars().take(MAX_NAME).collect()).filter(|name: &String| !name.is_empty())
}

/// A word that may be a name: nobody's word for anything.
fn may_name(token: &Token) -> bool {
    !token.taken
        && (token.quoted || !is_known(&token.text))
        && token.text.chars().any(char::is_alphanumeric)
        && (token.quoted
            || token
                .text
                .chars()
                .all(|c| c.is_alphanumeric() || "-_.+=@:/".contains(c)))
}

/// `under studio`, `prefix tmp`, `the preview folder`.
fn named_prefix(words: &mut Words, index: usize) -> Option<String> {
    let is_prefix = |word: &str| matches!(word, "prefix" | "folder" | "directory" | "path" | "subfolder");
    let word = words.at(index).to_owned();
    let after = words.tokens.get(index + 1).filter(|token| may_name(token));
    // `which folder costs most` names none.
    let asked = matches!(
        words.before(index),
        "which" | "what" | "each" | "every" | "any" | "top" | "per" | "by" | "whose"
    );
    let leads = (is_prefix(&word) && !asked)
        || matches!(
            word.as_str(),
            "under" | "below" | "beneath" | "underneath" | "inside"
        );
    let (place, name) = match after.filter(|_| leads) {
        Some(token) => (index + 1, token.raw.clone()),
        None => {
            let token = words
                .tokens
                .get(index)
                .filter(|token| may_name(token) && is_prefix(words.at(index + 1)))?;
            (index, token.raw.clone())
        }
    };
    words.take(place);
    bounded(&format!("{}/", name.trim_end_matches('/')))
}

/// `requester northwind-media`, `user transcoder`, `key K` where a key may have leaked.
fn named_requester(words: &mut Words, index: usize) -> Option<String> {
    let leads = match words.at(index) {
        "requester" | "user" | "account" | "principal" | "identity" | "client" => true,
        "key" => words.mean(&["leak"]),
        // `the credentials of transcoder`
        "of" => {
            matches!(words.before(index), "key" | "keys" | "credentials" | "credential")
                && words.mean(&["leak"])
        }
        _ => false,
    };
    let token = words
        .tokens
        .get(index + 1)
        .filter(|token| leads && may_name(token) && token.text.len() > 1)?;
    let name = token.raw.clone();
    words.take(index + 1);
    bounded(&name)
}

/// `100 MB`, `1tb`: as it was written.
fn sizes(subject: &mut Subject, words: &mut Words, index: usize) {
    if subject.size.is_some()
        || words
            .tokens
            .get(index)
            .is_none_or(|token| token.taken || token.quoted)
    {
        return;
    }
    let word = words.at(index).to_owned();
    let is_unit = |unit: &str| {
        matches!(
            unit,
            "kb" | "mb" | "gb" | "tb" | "pb" | "kib" | "mib" | "gib" | "tib" | "pib"
        )
    };
    let letters = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let one = is_unit(letters) && letters.len() < word.len();
    let two = is_unit(words.at(index + 1)) && letters.is_empty() && !word.is_empty();
    let text = match (one, two) {
        (true, _) => word,
        (_, true) => format!("{word} {}", words.at(index + 1)),
        _ => return,
    };
    if text.parse::<ByteSize>().is_ok() {
        words.take(index);
        if two && !one {
            words.take(index + 1);
        }
        subject.size = Some(text);
    }
}

/// `top 10`, `10 objects`, `the 5 biggest`.
fn rows(subject: &mut Subject, words: &mut Words, index: usize) {
    let counted = [
        "objects",
        "object",
        "files",
        "keys",
        "ips",
        "addresses",
        "requesters",
        "users",
        "prefixes",
        "folders",
        "biggest",
        "largest",
        "most",
        "top",
        "newest",
        "latest",
        "items",
        "things",
        "hottest",
        "clients",
        "agents",
        "worst",
        "heaviest",
        "uploads",
        "buckets",
    ];
    let number = match words.at(index) {
        "three" => Some(3),
        "five" => Some(5),
        "ten" => Some(10),
        "twenty" => Some(20),
        word => word.parse().ok(),
    };
    let free = words.tokens.get(index).is_some_and(|token| !token.taken);
    let Some(number) = number.filter(|number| free && (1..400).contains(number)) else {
        return;
    };
    let leads = matches!(
        words.before(index),
        "top" | "first" | "biggest" | "largest" | "last" | "limit"
    );
    if leads || counted.contains(&words.at(index + 1)) {
        subject.rows = Some(usize::min(number, MAX_ROWS));
        words.take(index);
    }
}

fn is_word(text: &str) -> bool {
    is_common(text) || is_known(text)
}
