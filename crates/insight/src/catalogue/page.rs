//! The page that shows what a tool tells, and its address.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;
use url::form_urlencoded::Serializer;

/// How an answer is made rather than what it is about: no page shows it.
const LEFT_OUT: [&str; 9] = [
    "wait",
    "max_age",
    "limit",
    "limit_matches",
    "max_items",
    "tail_lines",
    "page_token",
    "next",
    "dry_run",
];

/// What pages call an argument by another name.
const CALLED: [(&str, &str); 2] = [("source_bucket", "bucket"), ("source_prefix", "prefix")];

/// A page of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    id: &'static str,
    tab: Option<&'static str>,
}

impl Page {
    pub(super) const OVERVIEW: Self = Self::of("overview");
    pub(super) const STORAGE: Self = Self::of("storage");
    pub(super) const LARGEST: Self = Self::STORAGE.tab("largest");
    pub(super) const RECENT: Self = Self::STORAGE.tab("recent");
    pub(super) const TRAFFIC: Self = Self::of("traffic");
    pub(super) const COST: Self = Self::of("cost");
    pub(super) const SECURITY: Self = Self::of("security");
    pub(super) const CHANGES: Self = Self::of("changes");

    const fn of(id: &'static str) -> Self {
        Self { id, tab: None }
    }

    const fn tab(self, tab: &'static str) -> Self {
        Self {
            tab: Some(tab),
            ..self
        }
    }

    /// Its address, narrowed down to what these arguments ask for: pages name their filters as tools name their arguments.
    pub(super) fn address(self, args: &Value) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("page", self.id);
        if let Some(tab) = self.tab {
            query.append_pair("tab", tab);
        }
        // In one order, whoever wrote them: the same view has the same address.
        let args: BTreeMap<_, _> = args.as_object().into_iter().flatten().collect();
        for (name, value) in args {
            let Some(text) = as_text(value).filter(|_| !LEFT_OUT.contains(&name.as_str())) else {
                continue;
            };
            append(&mut query, name, &text);
        }
        format!("/dashboard?{}", query.finish())
    }
}

fn append(query: &mut Serializer<'_, String>, name: &str, text: &str) {
    match (name, text.parse::<Date>()) {
        ("hours", _) => {
            query.append_pair("last", &format!("{text}h"));
        }
        ("date_yyyy_mm_dd", Ok(day)) => {
            query.append_pair("from", &format!("{day}T00:00:00Z"));
            let next = day.saturating_add(1.day());
            query.append_pair("to", &format!("{next}T00:00:00Z"));
        }
        _ => {
            let called = CALLED.iter().find(|(argument, _)| *argument == name);
            query.append_pair(called.map_or(name, |(_, called)| called), text);
        }
    }
}

/// What an address can say of a value. Nothing of what is not asked for: empty, no, absent.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && text != "*" => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("true".to_owned()),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().filter_map(as_text).collect();
            Some(texts.join(",")).filter(|text| !text.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;

    fn check(page: Page, args: Value, expected: Expect) {
        expected.assert_eq(&page.address(&args));
    }

    #[test]
    fn an_address_says_what_was_asked() {
        check(Page::COST, json!({}), expect!["/dashboard?page=cost"]);
        check(
            Page::LARGEST,
            json!({ "bucket": "prod-assets", "prefix": "a b/", "limit": 10, "max_age": null }),
            expect!["/dashboard?page=storage&tab=largest&bucket=prod-assets&prefix=a+b%2F"],
        );
        check(
            Page::TRAFFIC,
            json!({ "source_bucket": "prod-assets", "hours": 24, "status": ["404", "500-599"], "cut_short": true, "wait": false }),
            expect![
                "/dashboard?page=traffic&cut_short=true&last=24h&bucket=prod-assets&status=404%2C500-599"
            ],
        );
        check(
            Page::SECURITY,
            json!({ "bucket": "*", "date_yyyy_mm_dd": "2026-11-30" }),
            expect!["/dashboard?page=security&from=2026-11-30T00%3A00%3A00Z&to=2026-12-01T00%3A00%3A00Z"],
        );
    }

    #[test]
    fn what_keys_hold_stays_one_value() {
        check(
            Page::TRAFFIC,
            json!({ "object_key": "x&page=admin#\u{202e}gpj" }),
            expect!["/dashboard?page=traffic&object_key=x%26page%3Dadmin%23%E2%80%AEgpj"],
        );
    }
}
