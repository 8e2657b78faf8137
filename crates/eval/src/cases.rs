//! What each question's answer must hold, computed from the truth.

mod cost;
mod forensic;
mod growth;
mod hygiene;
mod performance;
mod refusals;
mod security;
mod talk;

use std::collections::BTreeMap;

use crate::truth::Record;
use crate::{Expected, Group, InvalidQuestions, Truth};

/// What a question is called, where it belongs, and what its answer must hold.
pub(crate) type Told = (&'static str, Group, Expected);

/// Names that follow from the truth, for questions.
#[derive(Debug)]
pub(crate) struct Known {
    names: BTreeMap<&'static str, String>,
}

impl Known {
    pub(crate) fn of(truth: &Truth) -> Self {
        let mut names = BTreeMap::new();
        names.extend(forensic::names(truth));
        names.extend(security::names(truth));
        Self { names }
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.names.get(name).map_or("", String::as_str)
    }

    /// A wording with its names.
    pub(crate) fn fill(&self, wording: &str, line: usize) -> Result<String, InvalidQuestions> {
        let mut text = String::new();
        let mut rest = wording;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
            let unknown = || InvalidQuestions::Name {
                line,
                name: name.chars().take(80).collect(),
            };
            text += before;
            text += self.names.get(name).ok_or_else(unknown)?;
            rest = after;
        }
        Ok(text + rest)
    }
}

/// Every question.
pub(crate) fn all(truth: &Truth, known: &Known) -> Vec<Told> {
    let mut all = cost::told(truth);
    all.extend(security::told(truth, known));
    all.extend(performance::told(truth));
    all.extend(growth::told(truth));
    all.extend(forensic::told(truth, known));
    all.extend(hygiene::told(truth));
    all.extend(refusals::told(truth));
    all.extend(talk::told(truth, known));
    all
}

/// What records come to, by something of them: the most first, and of equals in the order of names.
pub(crate) fn ranked<'r>(
    records: impl Iterator<Item = &'r Record>,
    name: impl Fn(&Record) -> &str,
    worth: impl Fn(&Record) -> u64,
) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for record in records {
        *sums.entry(name(record).to_owned()).or_default() += worth(record);
    }
    let mut sums: Vec<(String, u64)> = sums.into_iter().collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    sums
}

/// How many different names there are.
pub(crate) fn distinct<'r>(
    records: impl Iterator<Item = &'r Record>,
    name: impl Fn(&Record) -> &str,
) -> usize {
    ranked(records, name, |_| 1).len()
}

/// One for each.
pub(crate) fn once(_: &Record) -> u64 {
    1
}
