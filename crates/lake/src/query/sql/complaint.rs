//! What went wrong with a question in SQL, in words for who asked it.

use datafusion::common::{Column, DataFusionError, SchemaError};

use crate::LakeError;
use crate::query::ask::SqlLimits;

/// Bytes of the engine's words that are shown at most.
const MAX_WORDS: usize = 500;

/// The name that is most like this one, if any is.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let ranked = known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (distance, near) = ranked.min()?;
    (distance <= 1 + name.chars().count() / 4).then_some(near)
}

/// An error of planning or running.
pub(super) fn of(error: &DataFusionError, limits: SqlLimits) -> LakeError {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => LakeError::Limit {
            what: "memory",
            limit: format!("{} MiB", limits.memory / (1024 * 1024)),
        },
        DataFusionError::SQL(..) => of_parser(error),
        DataFusionError::SchemaError(error, _) => of_schema(error),
        DataFusionError::Plan(words)
        | DataFusionError::Execution(words)
        | DataFusionError::NotImplemented(words) => LakeError::Question(plain(words)),
        DataFusionError::ArrowError(error, _) => LakeError::Question(plain(&error.to_string())),
        DataFusionError::Diagnostic(_, error) => of(error, limits),
        DataFusionError::Collection(errors) => match errors.first() {
            Some(error) => of(error, limits),
            None => super::super::engine::internal(error),
        },
        root => super::super::engine::internal(root),
    }
}

/// The parser says at which line and column.
pub(super) fn of_parser(error: &DataFusionError) -> LakeError {
    let words = match error.find_root() {
        DataFusionError::SQL(error, _) => error.to_string(),
        other => other.strip_backtrace(),
    };
    let words = words
        .trim_start_matches("SQL error: ")
        .trim_start_matches("sql parser error: ");
    LakeError::Question(format!("the SQL can't be read: {}", plain(words)))
}

fn of_schema(error: &SchemaError) -> LakeError {
    LakeError::Question(match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let names = || valid_fields.iter().map(Column::name);
            match nearest(field.name(), names()) {
                Some(near) => format!("there is no column `{}`; did you mean `{near}`?", field.name()),
                None => {
                    let mut names: Vec<&str> = names().collect();
                    names.truncate(60);
                    format!(
                        "there is no column `{}`; there are {}",
                        field.name(),
                        names.join(", ")
                    )
                }
            }
        }
        SchemaError::AmbiguousReference { field } => {
            format!(
                "the column `{}` stands in more than one table; say which",
                field.name()
            )
        }
        SchemaError::DuplicateQualifiedField { name, .. }
        | SchemaError::DuplicateUnqualifiedField { name } => {
            format!("two columns are called `{name}`; give one another name with `AS`")
        }
    })
}

/// The engine's words without what is meant for its own authors.
fn plain(words: &str) -> String {
    let first = words.split("\n\n").next().unwrap_or_default();
    let first = first.split("Candidate functions").next().unwrap_or(first);
    let first = first.split(", errors:").next().unwrap_or(first);
    let first = first
        .trim_start_matches("Error during planning: ")
        .trim_start_matches("Internal error: ")
        .replace("lake.lake.", "");
    let end = (0..=first.len().min(MAX_WORDS))
        .rev()
        .find(|end| first.is_char_boundary(*end))
        .unwrap_or(0);
    let mut words = first.get(..end).unwrap_or_default().trim().to_owned();
    if end < first.len() {
        words.push('…');
    }
    words
}
