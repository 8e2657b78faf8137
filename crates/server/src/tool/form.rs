//! In which form an answer is wanted: JSON, events, or its list for other programs.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request};
use percent_encoding::percent_decode_str;
use spacewatch_export::ExportError;
use spacewatch_model::ErrorCode;

use super::json_response;
use crate::problem::Problem;

const CSV: &str = "text/csv";
const PARQUET: &str = "application/vnd.apache.parquet";

/// The form of an answer, and which of its lists.
#[derive(Debug)]
pub(super) struct Form {
    kind: Kind,
    list: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Events,
    Csv,
    Parquet,
}

impl Form {
    /// What the caller accepts; the list is named in the address, `list=prefixes`.
    pub(super) fn of(request: &Request<Body>) -> Self {
        let query = request.uri().query().unwrap_or_default();
        let list = query.split('&').find_map(|pair| pair.strip_prefix("list="));
        Self {
            kind: kind(request.headers()),
            list: list.map(|list| percent_decode_str(list).decode_utf8_lossy().into_owned()),
        }
    }

    pub(super) fn is_events(&self) -> bool {
        self.kind == Kind::Events
    }

    /// An answer, which is JSON, in this form.
    pub(super) fn response(&self, json: Bytes) -> Response {
        let list = self.list.as_deref();
        match self.kind {
            Kind::Json | Kind::Events => json_response(json),
            Kind::Csv => file(
                spacewatch_export::csv_of_json(&json, list),
                "text/csv; charset=utf-8",
            ),
            Kind::Parquet => file(spacewatch_export::parquet_of_json(&json, list), PARQUET),
        }
    }
}

fn file(content: Result<Bytes, ExportError>, kind: &'static str) -> Response {
    match content {
        Ok(content) => {
            let mut response = Response::new(Body::from(content));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            response
        }
        Err(error @ ExportError::NoList { .. }) => {
            Problem::new(ErrorCode::InvalidParameter, error.to_string())
                .with_hint("name a list of the JSON answer with `list=`, or ask for JSON")
                .into_response()
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an answer can't be exported"
            );
            Problem::internal().into_response()
        }
    }
}

/// Whether the caller wants events.
pub(crate) fn accepts_events(headers: &HeaderMap) -> bool {
    kind(headers) == Kind::Events
}

/// The first kind among those accepted that there is.
fn kind(headers: &HeaderMap) -> Kind {
    let accepted = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut kinds = accepted.filter_map(|accepted| {
        let kind = accepted.split(';').next()?.trim();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        if is("text/event-stream") {
            Some(Kind::Events)
        } else if is(CSV) {
            Some(Kind::Csv)
        } else if is(PARQUET) {
            Some(Kind::Parquet)
        } else {
            is("application/json").then_some(Kind::Json)
        }
    });
    kinds.next().unwrap_or(Kind::Json)
}
