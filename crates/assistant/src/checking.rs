//! Answers that can be checked: each figure of a model's text is looked up in what the tools said.
//!
//! A figure is a number with its unit, a date or a time, an address, or a name in code that holds a digit. What a result holds, as
//! exactly as it is written, gets a [`Citation`]; what the question or a call named needs none; everything else is marked.

mod index;
mod matching;
mod scan;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::{Citation, Part};
use index::Index;
use matching::Found;

/// A call that was made for an answer, and its result as far as the model saw it.
pub(crate) struct Source<'a> {
    pub(crate) call: usize,
    pub(crate) tool: &'a str,
    pub(crate) args: &'a Value,
    pub(crate) result: &'a Value,
}

/// What of a text needs no backing: the question, and when it is asked.
pub(crate) struct Context<'a> {
    pub(crate) question: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) time_zone: &'a TimeZone,
}

/// Cuts a text where figures begin and end, binds each to the result that gave it, and marks what none gave.
pub(crate) fn check(text: &str, sources: &[Source<'_>], context: &Context<'_>) -> (Vec<Part>, Vec<Citation>) {
    let index = Index::new(sources, context);
    let (mut parts, mut citations) = (Vec::new(), Vec::new());
    let mut told = 0;
    for figure in scan::figures(text) {
        let found = matching::find(text, &figure, &index);
        if matches!(found, Found::Neutral) {
            continue;
        }
        push(&mut parts, text.get(told..figure.begin), None, false);
        told = figure.end;
        let shown = text.get(figure.begin..figure.end);
        match found {
            Found::At(place) => {
                let citation = index.citation(place, sources);
                let number = citations.iter().position(|known| *known == citation);
                let number = number.unwrap_or_else(|| {
                    citations.push(citation);
                    citations.len() - 1
                });
                push(&mut parts, shown, Some(number), false);
            }
            Found::Nowhere | Found::Neutral => push(&mut parts, shown, None, true),
        }
    }
    push(&mut parts, text.get(told..), None, false);
    (parts, citations)
}

fn push(parts: &mut Vec<Part>, text: Option<&str>, citation: Option<usize>, unbacked: bool) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        parts.push(Part {
            text: text.to_owned(),
            citation,
            unbacked,
        });
    }
}

/// One sentence on the coverage of the results that were used, where it is not complete and the text does not say so.
pub(crate) fn coverage_word(text: &str, used: &[Source<'_>]) -> Option<String> {
    let incomplete = used
        .iter()
        .find(|used| used.result.pointer("/coverage/complete") == Some(&Value::Bool(false)))?;
    let text = text.to_lowercase();
    let said = ["coverage", "complete", "partial", "missing", "not all"];
    if said.iter().any(|word| text.contains(word)) {
        return None;
    }
    let why = incomplete
        .result
        .pointer("/coverage/note")
        .and_then(Value::as_str);
    let why = why.map_or_else(String::new, |why| format!(": {}", crate::quote::sentence(why)));
    Some(format!("The access log of this period is not complete{why}."))
}

#[cfg(test)]
mod tests;
