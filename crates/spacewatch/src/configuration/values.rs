//! Gathers the texts of all settings from flags, environment and files, and knows where each came from.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use spacewatch_model::{OneLine, Secret};

use super::dotenv::{self, Dotenv};
use super::kind::Kind;
use super::settings::{IDLE, NAMES};
use super::toml_file;

/// A setting given as a flag.
#[derive(Debug)]
pub(crate) struct Flag {
    /// The setting it stands for: `PORT`.
    pub(crate) key: &'static str,
    /// The flag as it is typed: `--port`.
    pub(crate) flag: &'static str,
    pub(crate) value: String,
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Flag(&'static str),
    Environment,
    Dotenv(usize),
    Toml(usize),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "the flag `{flag}`"),
            Self::Environment => f.write_str("the environment"),
            Self::Dotenv(line) => write!(f, "line {line} of `.env`"),
            Self::Toml(line) => write!(f, "line {line} of `spacewatch.toml`"),
        }
    }
}

/// A setting that is not left at its default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    pub(crate) key: &'static str,
    pub(crate) source: Source,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigurationError {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    WrongValues(Vec<WrongValue>),
    #[error("unknown key `{}` in line {line} of `spacewatch.toml`", OneLine(.key))]
    UnknownKey {
        key: String,
        line: usize,
        nearest: Option<String>,
    },
    #[error("`{}` stands twice in `spacewatch.toml`, again in line {line}", OneLine(.key))]
    TwiceInToml { key: String, line: usize },
    #[error("line {line} of `spacewatch.toml` is no TOML: {}", OneLine(.message))]
    TomlSyntax { line: usize, message: String },
    #[error(
        "`{}` in line {line} of `spacewatch.toml` is a {found}, expected a text, a number, `true`, `false` or a list",
        OneLine(.key)
    )]
    TomlShape {
        line: usize,
        key: String,
        found: &'static str,
    },
    #[error("{given} is set but {missing} is not: both are needed for TLS")]
    Lonely {
        given: &'static str,
        missing: &'static str,
    },
    #[error("{place}: {problem}")]
    Prices { place: String, problem: String },
    #[error("can't read `{}`", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("`{}` is larger than {} bytes, that is no configuration", .path.display(), dotenv::MAX_BYTES)]
    TooLarge { path: PathBuf },
}

impl ConfigurationError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey {
                nearest: Some(nearest),
                ..
            } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownKey { nearest: None, .. } => {
                Some("`docs/configuration.md` lists every key".to_owned())
            }
            Self::Prices { .. } => Some("`docs/cost.md` shows what a price list looks like".to_owned()),
            _ => None,
        }
    }
}

/// A value that doesn't parse.
#[derive(Debug)]
pub(crate) struct WrongValue {
    key: &'static str,
    /// Nothing where the value is a secret.
    text: Option<String>,
    source: Source,
    expected: String,
}

impl fmt::Display for WrongValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            text,
            source,
            expected,
        } = self;
        match text {
            Some(text) => write!(
                f,
                "{key} is `{}` in {source}, expected {expected}",
                Shortened(text)
            ),
            None => write!(f, "{key} in {source} is not {expected}"),
        }
    }
}

/// Text from outside on one line of bearable length.
struct Shortened<'a>(&'a str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(80) {
            Some((end, _)) => write!(f, "{}…", OneLine(self.0.get(..end).unwrap_or_default())),
            None => OneLine(self.0).fmt(f),
        }
    }
}

/// The texts of all settings that were given somewhere.
#[derive(Debug, Default)]
pub(super) struct Values {
    given: BTreeMap<&'static str, (Secret, Source)>,
    remarks: Vec<String>,
}

impl Values {
    pub(super) fn gather(
        flags: Vec<Flag>,
        environment: &dyn Fn(&str) -> Option<String>,
        directory: &Path,
    ) -> Result<Self, ConfigurationError> {
        let mut values = Self::default();
        for flag in flags {
            values.give(flag.key, Secret::new(flag.value), Source::Flag(flag.flag));
        }
        for key in all_keys() {
            if let Some(value) = environment(key) {
                values.give(key, Secret::new(value), Source::Environment);
            }
        }
        values.gather_dotenv(environment, directory)?;
        values.gather_toml(directory)?;
        Ok(values)
    }

    /// Keys that are not ours are somebody else's: `.env` files are shared.
    fn gather_dotenv(
        &mut self,
        environment: &dyn Fn(&str) -> Option<String>,
        directory: &Path,
    ) -> Result<(), ConfigurationError> {
        let Some(text) = read_if_there(&directory.join(".env"))? else {
            return Ok(());
        };
        let dotenv = Dotenv::parse(&text, environment);
        for line in dotenv.rejected {
            self.remarks.push(format!(
                "line {line} of `.env` is neither `KEY=value` nor a comment: it is ignored"
            ));
        }
        // The last assignment of a key wins, as in a shell.
        for assignment in dotenv.assignments.into_iter().rev() {
            if let Some(key) = all_keys().find(|key| *key == assignment.key) {
                self.give(key, assignment.value, Source::Dotenv(assignment.line));
            }
        }
        Ok(())
    }

    fn gather_toml(&mut self, directory: &Path) -> Result<(), ConfigurationError> {
        let Some(text) = read_if_there(&directory.join("spacewatch.toml"))? else {
            return Ok(());
        };
        let mut seen = Vec::new();
        for toml_file::Entry {
            key: written,
            value,
            line,
        } in toml_file::parse(&text)?
        {
            let Some(key) = all_keys().find(|key| key.eq_ignore_ascii_case(&written)) else {
                let nearest = nearest(&written);
                return Err(ConfigurationError::UnknownKey {
                    key: written,
                    line,
                    nearest,
                });
            };
            if seen.contains(&key) {
                return Err(ConfigurationError::TwiceInToml { key: written, line });
            }
            seen.push(key);
            self.give(key, value, Source::Toml(line));
        }
        Ok(())
    }

    /// Takes a value unless a source that wins has given one.
    fn give(&mut self, key: &'static str, value: Secret, source: Source) {
        if self.given.contains_key(key) {
            return;
        }
        if let Some(idle) = IDLE.iter().find(|idle| idle.name == key) {
            self.remarks
                .push(format!("{key} in {source} has no effect: {}", idle.why));
        }
        self.given.insert(key, (value, source));
    }

    /// The value of a setting. An empty text means the default, also where it hides a source behind it.
    pub(super) fn read<K: Kind>(
        &self,
        key: &'static str,
        default: &str,
        kind: &K,
    ) -> Result<K::Value, WrongValue> {
        let (text, source) = match self.given.get(key) {
            Some((text, source)) if !text.expose().trim().is_empty() => (text.expose().trim(), *source),
            // A default is checked by a test, so its source never shows.
            _ => (default, Source::Environment),
        };
        kind.parse(text).ok_or_else(|| WrongValue {
            key,
            text: (!kind.is_secret()).then(|| text.to_owned()),
            source,
            expected: kind.expected(),
        })
    }

    pub(super) fn given(&self) -> Vec<Given> {
        let ours = NAMES.iter().filter_map(|key| {
            let (text, source) = self.given.get(key)?;
            (!text.expose().trim().is_empty()).then_some(Given { key, source: *source })
        });
        ours.collect()
    }

    pub(super) fn into_remarks(self) -> Vec<String> {
        self.remarks
    }
}

fn all_keys() -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied().chain(IDLE.iter().map(|idle| idle.name))
}

/// The known key that looks most like this one, if any does.
fn nearest(written: &str) -> Option<String> {
    let written = written.to_ascii_uppercase();
    let scored = all_keys().map(|key| (strsim::jaro_winkler(&written, key), key));
    let (score, key) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score > 0.8).then(|| key.to_ascii_lowercase())
}

fn read_if_there(path: &Path) -> Result<Option<String>, ConfigurationError> {
    let unreadable = |source| ConfigurationError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut bytes = Vec::new();
    file.take(dotenv::MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > dotenv::MAX_BYTES {
        return Err(ConfigurationError::TooLarge {
            path: path.to_owned(),
        });
    }
    let text = String::from_utf8(bytes);
    text.map(Some)
        .map_err(|error| unreadable(io::Error::new(io::ErrorKind::InvalidData, error.utf8_error())))
}
