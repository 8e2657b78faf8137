//! A body as a tool's typed arguments.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use spacewatch_model::{ErrorCode, OneLine};

use crate::problem::Problem;

/// Characters of a message about what is wrong.
const MAX_MESSAGE: usize = 400;

/// Refuses what says that it is no JSON. Saying nothing is fine.
pub(crate) fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(kind) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let kind = kind.to_str().unwrap_or_default();
    let essence = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if essence == "application/json" || essence.ends_with("+json") {
        return Ok(());
    }
    let detail = format!("the body is `{}`", OneLine(&essence));
    Err(Problem::new(ErrorCode::UnsupportedMediaType, detail).with_hint("send `application/json`"))
}

pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let detail: String = OneLine(&text).to_string().chars().take(MAX_MESSAGE).collect();
        Problem::new(
            ErrorCode::InvalidBody,
            format!("the body can't be read: {detail}"),
        )
        .with_hint("`/docs` shows what this route takes")
    })
}
