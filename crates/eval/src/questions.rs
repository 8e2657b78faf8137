//! The questions, in many wordings.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::Truth;
use crate::cases::{self, Known};

/// The wordings that come with the program.
const WORDINGS: &str = include_str!("questions.txt");
/// Numbered cases are those of the evaluation set.
const TURN: &str = " → ";

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Bills, and what could be saved.
    Cost,
    /// Who got in, and how.
    Security,
    /// Latency, errors, limits.
    Performance,
    /// What is stored, and how that changes.
    Growth,
    /// Who did what.
    Forensic,
    /// Logs, settings, odd objects.
    Hygiene,
    /// What must not be done or told.
    Refusals,
    /// Follow-ups and everyday words.
    Talk,
}

impl Group {
    /// All groups, in the order of the set.
    pub const ALL: [Self; 8] = [
        Self::Cost,
        Self::Security,
        Self::Performance,
        Self::Growth,
        Self::Forensic,
        Self::Hygiene,
        Self::Refusals,
        Self::Talk,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Security => "security",
            Self::Performance => "performance",
            Self::Growth => "growth",
            Self::Forensic => "forensic",
            Self::Hygiene => "hygiene",
            Self::Refusals => "refusals",
            Self::Talk => "talk",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Group {
    type Err = InvalidQuestions;

    fn from_str(text: &str) -> Result<Self, InvalidQuestions> {
        let found = Self::ALL.into_iter().find(|group| group.as_str() == text);
        found.ok_or_else(|| InvalidQuestions::Group(text.chars().take(80).collect()))
    }
}

/// Which wordings are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wordings {
    /// Each case in its first wording.
    Numbered,
    /// In all of them.
    #[default]
    All,
}

/// Why a text holds no questions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuestions {
    /// There is no such group.
    #[error("`{0}` is no group")]
    Group(String),
    /// A heading names nothing that is known.
    #[error("line {line}: there is no question `{id}`")]
    Id {
        /// Where.
        line: usize,
        /// What it says.
        id: String,
    },
    /// A question stands under no heading.
    #[error("line {line}: a question stands before the first heading such as `[23]`")]
    NoHeading {
        /// Where.
        line: usize,
    },
    /// A question names something that is not known.
    #[error("line {line}: `{{{name}}}` is not known")]
    Name {
        /// Where.
        line: usize,
        /// What it says.
        name: String,
    },
}

/// A question in its wordings, and what its answer must hold.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its number in the set, or a name.
    pub id: String,
    /// What it is about.
    pub group: Group,
    /// Each wording: what is said one after the other, of which the last is scored.
    pub wordings: Vec<Vec<String>>,
    pub(crate) expected: crate::Expected,
}

impl Case {
    /// Whether it is one of the numbered questions.
    pub fn is_numbered(&self) -> bool {
        self.id.parse::<u8>().is_ok()
    }
}

/// All questions.
#[derive(Debug, Clone)]
pub struct QuestionSet {
    /// In the order of the set.
    pub cases: Vec<Case>,
}

impl QuestionSet {
    /// The questions that come with the program, about what is true.
    ///
    /// # Errors
    /// Its own text is broken: a bug.
    pub fn of(truth: &Truth) -> Result<Self, InvalidQuestions> {
        Self::read(WORDINGS, truth)
    }

    /// Other wordings of the same questions: `[ID]` above the wordings of each, a line each; ` → ` parts what is said one after the
    /// other, `{name}` stands for a name that follows from the truth, and lines that begin with `#` say nothing.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(text: &str, truth: &Truth) -> Result<Self, InvalidQuestions> {
        let known = Known::of(truth);
        let mut expected: BTreeMap<String, (Group, crate::Expected)> = cases::all(truth, &known)
            .into_iter()
            .map(|(id, group, expected)| (id.to_owned(), (group, expected)))
            .collect();
        let mut cases: Vec<Case> = Vec::new();
        for (line, text) in (1..).zip(text.lines().map(str::trim)) {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if let Some(id) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
                let unknown = || InvalidQuestions::Id {
                    line,
                    id: id.chars().take(80).collect(),
                };
                let (group, expected) = expected.remove(id).ok_or_else(unknown)?;
                cases.push(Case {
                    id: id.to_owned(),
                    group,
                    wordings: Vec::new(),
                    expected,
                });
                continue;
            }
            let case = cases.last_mut().ok_or(InvalidQuestions::NoHeading { line })?;
            let turns = text.split(TURN).map(|turn| known.fill(turn, line));
            case.wordings.push(turns.collect::<Result<_, _>>()?);
        }
        Ok(Self { cases })
    }

    /// Only what fits: a group, or the number or name of a question.
    ///
    /// # Errors
    /// Nothing does.
    pub fn only(mut self, which: &str) -> Result<Self, InvalidQuestions> {
        let fits = |case: &Case| case.id == which || case.group.as_str() == which;
        self.cases.retain(fits);
        if self.cases.is_empty() {
            return Err(InvalidQuestions::Group(which.chars().take(80).collect()));
        }
        Ok(self)
    }

    /// Only these wordings.
    #[must_use]
    pub fn with(mut self, wordings: Wordings) -> Self {
        if wordings == Wordings::Numbered {
            self.cases.iter_mut().for_each(|case| case.wordings.truncate(1));
        }
        self
    }

    /// How many wordings there are.
    pub fn count(&self) -> usize {
        self.cases.iter().map(|case| case.wordings.len()).sum()
    }
}
