//! Which bucket is meant.

use super::super::words::{Words, is_deed, is_known, looks_mistyped, tolerance};
use super::names::seen_or_not;
use super::{Subject, may_name};

/// A bucket's name is at least so long.
const SHORTEST: usize = 3;
/// Names are looked for over so many words: `prod assets`.
const LONGEST: usize = 3;

pub(super) fn read(subject: &mut Subject, words: &mut Words, buckets: &[String]) {
    if subject.bucket.is_some() || subject.unseen.is_some() {
        return;
    }
    if let Some((bucket, first, length)) = written(words, buckets).or_else(|| mistyped(words, buckets)) {
        subject.bucket = Some(bucket);
        for index in first..first + length {
            words.take(index);
        }
        return;
    }
    if let Some(index) = (0..words.tokens.len()).find(|&index| is_bucket(words, index)) {
        let Some(name) = words.tokens.get(index).map(|token| token.raw.clone()) else {
            return;
        };
        seen_or_not(subject, &name, buckets);
        words.take(index);
    }
}

/// A name as it is, or with spaces where it has hyphens. The longest wins: `prod-assets-eu` before `prod-assets`.
fn written(words: &Words, buckets: &[String]) -> Option<(String, usize, usize)> {
    let mut best: Option<(String, usize, usize)> = None;
    for bucket in buckets {
        let folded = fold(bucket);
        for first in 0..words.tokens.len() {
            for length in 1..=LONGEST {
                let window = words.tokens.get(first..first + length);
                let Some(window) = window.filter(|window| window.iter().all(|token| !token.taken)) else {
                    continue;
                };
                let joined: String = window.iter().map(|token| fold(&token.text)).collect();
                if joined == folded && best.as_ref().is_none_or(|(known, ..)| known.len() < bucket.len()) {
                    best = Some((bucket.clone(), first, length));
                }
            }
        }
    }
    best
}

/// A name with a typo in it, where the word is no other word.
fn mistyped(words: &Words, buckets: &[String]) -> Option<(String, usize, usize)> {
    let mut best: Option<(usize, String, usize, usize)> = None;
    for bucket in buckets {
        let folded = fold(bucket);
        for (first, length) in (0..words.tokens.len()).flat_map(|first| [(first, 1), (first, 2)]) {
            let Some(window) = words.tokens.get(first..first + length) else {
                continue;
            };
            let fits =
                |word: &str| !is_known(word) || word.len() + 1 == bucket.len() && bucket.starts_with(word);
            if window.iter().any(|token| token.taken)
                || (length == 1 && window.iter().any(|token| !fits(&token.text)))
            {
                continue;
            }
            let joined: String = window.iter().map(|token| fold(&token.text)).collect();
            let distance = strsim::osa_distance(&joined, &folded);
            let near = distance <= tolerance(&joined).min(tolerance(&folded));
            if near && joined.len() > 4 && best.as_ref().is_none_or(|(known, ..)| distance < *known) {
                best = Some((distance, bucket.clone(), first, length));
            }
        }
    }
    best.map(|(_, bucket, first, length)| (bucket, first, length))
}

fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.' | ' '))
        .collect()
}

/// A word that must be a bucket that isn't seen: `bucket payroll`, `payroll bucket`, `in payroll-archive`.
fn is_bucket(words: &Words, index: usize) -> bool {
    let Some(token) = words.tokens.get(index).filter(|token| may_name(token)) else {
        return false;
    };
    let name = token.text.as_str();
    let formed = name.len() >= SHORTEST
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    let lettered = name.bytes().any(|b| b.is_ascii_alphabetic());
    // In `each bucket grew` no bucket is named.
    let before = words.before(index.saturating_sub(1));
    let counted = ["each", "every", "any", "all", "which", "per", "what", "no"].contains(&before);
    // `bucket grwoth` is about growth: nothing says that a name comes.
    let title = before.is_empty() && looks_mistyped(name);
    let named = (words.before(index) == "bucket" && !counted && !title)
        || (words.at(index + 1) == "bucket" && (name.contains('-') || is_determined(words.before(index))))
        || (words.before(index) == "named" && words.before(index.saturating_sub(1)) == "bucket");
    let hyphened = name.contains('-') && !name.split('-').all(is_known);
    let of_other = matches!(
        words.before(index),
        "by" | "user"
            | "requester"
            | "account"
            | "principal"
            | "key"
            | "identity"
            | "client"
            | "prefix"
            | "folder"
            | "under"
            | "below"
            | "tool"
            | "agent"
    );
    let leads = matches!(
        words.before(index),
        "in" | "of"
            | "on"
            | "from"
            | "is"
            | "about"
            | "for"
            | "does"
            | "to"
            | "did"
            | "has"
            | "into"
            | "at"
            | "inside"
    );
    // `who reads raw-events?`
    let leads = leads || is_deed(words.before(index));
    formed && lettered && (named || (hyphened && leads && !of_other))
}

/// What stands before a name of something: `the payroll bucket`, but not `check bucket settings`.
fn is_determined(before: &str) -> bool {
    matches!(
        before,
        "the"
            | "our"
            | "my"
            | "your"
            | "their"
            | "a"
            | "in"
            | "of"
            | "from"
            | "for"
            | "on"
            | "to"
            | "is"
            | "does"
            | "did"
    )
}
