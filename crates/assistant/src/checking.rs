//! Answers that can be checked: each figure of a model's text is looked up in what the tools said.
//!
//! A figure is a number with its unit, a date or a time, an address, or a name in code that holds a digit. What a result holds, as
//! exactly as it is written, gets a [`Citation`]; what the question or a call named needs none; everything else is marked.

mod asked;
mod figure;
mod index;
mod matching;
mod scan;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::{Citation, Part};
use asked::Asked;
use figure::{Figure, Says, Unit};
use index::Index;
use matching::Found;

/// A call that was made for an answer, and its result as far as the model saw it.
pub(crate) struct Source<'a> {
    pub(crate) call: usize,
    pub(crate) tool: &'a str,
    pub(crate) args: &'a Value,
    pub(crate) result: &'a Value,
}

impl Source<'_> {
    /// Binds a value to where it stands in the result.
    pub(crate) fn cite(&self, path: String, value: Value) -> Citation {
        let at = |path: &str| {
            self.result
                .pointer(path)
                .filter(|value| !value.is_null())
                .cloned()
        };
        Citation {
            call: self.call,
            tool: self.tool.to_owned(),
            args: self.args.clone(),
            page: None,
            path,
            value,
            coverage: at("/coverage"),
            as_of: at("/as_of").or_else(|| at("/coverage/as_of")),
        }
    }
}

/// What of a text needs no backing: the question, and when it is asked.
pub(crate) struct Context<'a> {
    pub(crate) question: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) time_zone: &'a TimeZone,
}

/// Cuts a text where figures begin and end, binds each to the result that gave it, and marks what none gave.
pub(crate) fn check(text: &str, sources: &[Source<'_>], context: &Context<'_>) -> (Vec<Part>, Vec<Citation>) {
    let index = Index::new(sources.iter().map(|source| source.result), context.time_zone);
    let asked = Asked::new(sources, context);
    let (mut parts, mut citations) = (Vec::new(), Vec::new());
    let mut known = HashMap::new();
    let mut told = 0;
    for figure in scan::figures(text) {
        // What is a piece of a figure that was told is none of its own.
        if figure.begin < told || asked::is_no_claim(text, &figure) {
            continue;
        }
        let found = matching::find(text, &figure, &index, context)
            .filter(|found| is_of_currency(&figure, *found, &index));
        if !found.is_some_and(|found| found.is_exact) && asked.knows(text, &figure, context) {
            continue;
        }
        let cited = found.and_then(|found| {
            if let Some(number) = known.get(&(found.place, found.is_length)) {
                return Some(*number);
            }
            citations.push(cite(found, &index, sources)?);
            known.insert((found.place, found.is_length), citations.len() - 1);
            Some(citations.len() - 1)
        });
        push(&mut parts, text.get(told..figure.begin), None, false);
        push(
            &mut parts,
            text.get(figure.begin..figure.end),
            cited,
            cited.is_none(),
        );
        told = figure.end;
    }
    push(&mut parts, text.get(told..), None, false);
    (parts, citations)
}

fn is_of_currency(figure: &Figure<'_>, found: Found, index: &Index<'_>) -> bool {
    let Says::Number(number) = figure.says else {
        return true;
    };
    let Unit::Money(Some(currency)) = number.unit else {
        return true;
    };
    index.currency(found.place).is_none_or(|told| told == currency)
}

fn cite(found: Found, index: &Index<'_>, sources: &[Source<'_>]) -> Option<Citation> {
    let node = index.nodes.get(found.place)?;
    let value = match node.value {
        Value::Array(values) if found.is_length => values.len().into(),
        // A key of an object was said, not all that is below it.
        Value::Array(_) | Value::Object(_) => Value::Null,
        value => value.clone(),
    };
    Some(sources.get(node.source)?.cite(index.path(found.place), value))
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
    // `The log is complete` doesn't say that it is not.
    let said = [
        "not complete",
        "incomplete",
        "n't complete",
        "coverage",
        "partial",
        "missing",
        "not all",
    ];
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
