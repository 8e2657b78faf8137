//! Failures as RFC 9457 problem documents.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use spacewatch_assistant::ToolFailure;
use spacewatch_insight::ToolError;
use spacewatch_model::ErrorCode;
use utoipa::ToSchema;

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request has no answer. As a response it carries itself to the outermost layer, which knows the
/// request's id and writes the document.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) code: ErrorCode,
    pub(crate) detail: String,
    more: Box<More>,
}

/// What only some problems have.
#[derive(Debug, Clone, Default)]
struct More {
    hint: Option<String>,
    store_code: Option<String>,
    retry_after_seconds: Option<u64>,
    work: Option<WorkLink>,
}

/// Where work that goes on can be followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WorkLink {
    /// The work's id; the credentials that started it are needed to look at it.
    pub(crate) id: String,
    /// The address to ask.
    #[schema(example = "/work/5f0c…")]
    pub(crate) href: String,
}

/// An error as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:spacewatch:problem:NoSuchBucket")]
    kind: String,
    /// The kind of problem in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened to this request.
    detail: String,
    /// Stable and machine-readable: the store's own S3 error code where the store failed, else SpaceWatch's.
    #[schema(example = "NoSuchBucket")]
    code: String,
    /// The id of the request, as in `X-Request-Id`.
    request_id: String,
    /// What you can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Where the work goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<WorkLink>,
}

impl Problem {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            more: Box::default(),
        }
    }

    /// The one thing that is said of a failure of our own.
    pub(crate) fn internal() -> Self {
        Self::new(ErrorCode::Internal, "SpaceWatch failed to answer")
            .with_hint("the server's log has the reason under this request's id")
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.more.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_retry_after(mut self, seconds: u64) -> Self {
        self.more.retry_after_seconds = Some(seconds.max(1));
        self
    }

    pub(crate) fn with_work(mut self, work: WorkLink) -> Self {
        self.more.work = Some(work);
        self
    }

    /// The same for the assistant.
    pub(crate) fn into_failure(self) -> ToolFailure {
        ToolFailure {
            code: self.code,
            detail: self.detail,
            hint: self.more.hint,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        status(self.code)
    }

    /// What stands in `code`.
    pub(crate) fn code_text(&self) -> &str {
        self.more.store_code.as_deref().unwrap_or(self.code.as_str())
    }

    pub(crate) fn document(&self, request_id: &str) -> ProblemDocument {
        ProblemDocument {
            kind: format!("urn:spacewatch:problem:{}", self.code),
            title: title(self.code).to_owned(),
            status: self.status().as_u16(),
            detail: self.detail.clone(),
            code: self.code_text().to_owned(),
            request_id: request_id.to_owned(),
            hint: self.more.hint.clone(),
            work: self.more.work.clone(),
        }
    }

    /// Writes the document into a response that carries this problem.
    pub(crate) fn write(&self, request_id: &str, response: &mut Response) {
        let body = serde_json::to_vec(&self.document(request_id)).unwrap_or_default();
        *response.body_mut() = Body::from(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        headers.remove(http::header::CONTENT_LENGTH);
        if let Some(seconds) = self.more.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(location) = self.more.work.as_ref().and_then(|work| work.href.parse().ok()) {
            headers.insert(LOCATION, location);
        }
        if self.code == ErrorCode::Unauthorized {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"SpaceWatch operator\""),
            );
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ToolError> for Problem {
    fn from(error: ToolError) -> Self {
        let retry_after_seconds =
            matches!(error.code, ErrorCode::StoreUnavailable | ErrorCode::Overloaded).then_some(5);
        if error.code == ErrorCode::Internal {
            tracing::error!(error = &error as &dyn std::error::Error, "a tool failed");
            return Self::internal();
        }
        let more = More {
            hint: error.hint,
            store_code: error.store_code,
            retry_after_seconds,
            work: None,
        };
        Self {
            code: error.code,
            detail: error.detail,
            more: Box::new(more),
        }
    }
}

/// The one place where failures get their HTTP status. No wildcard: a new code must be decided on.
pub(crate) fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::MissingHeader
        | ErrorCode::MissingParameter
        | ErrorCode::InvalidParameter
        | ErrorCode::InvalidBody => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::MissingBucket | ErrorCode::InvalidValue | ErrorCode::EndpointNotAllowed => {
            StatusCode::BAD_REQUEST
        }
        ErrorCode::InvalidCredentials | ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::AccessDenied => StatusCode::FORBIDDEN,
        ErrorCode::NoSuchBucket | ErrorCode::NoSuchKey | ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        ErrorCode::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UriTooLong => StatusCode::URI_TOO_LONG,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::HostNotAllowed => StatusCode::MISDIRECTED_REQUEST,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::StoreFailed => StatusCode::BAD_GATEWAY,
        ErrorCode::StoreUnavailable | ErrorCode::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::StoreTimeout | ErrorCode::StillRunning => StatusCode::GATEWAY_TIMEOUT,
    }
}

fn title(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::MissingHeader => "A required header is missing",
        ErrorCode::MissingParameter => "A required parameter is missing",
        ErrorCode::InvalidParameter => "A value can't be read",
        ErrorCode::MissingBucket => "No bucket is named",
        ErrorCode::InvalidValue => "A value makes no sense",
        ErrorCode::InvalidBody => "The body can't be read",
        ErrorCode::EndpointNotAllowed => "The endpoint is not allowed",
        ErrorCode::InvalidCredentials => "The store rejected these keys",
        ErrorCode::Unauthorized => "The operator's key is needed",
        ErrorCode::AccessDenied => "These keys may not do that",
        ErrorCode::NoSuchBucket => "No such bucket",
        ErrorCode::NoSuchKey => "No such object",
        ErrorCode::NotFound => "No such address",
        ErrorCode::MethodNotAllowed => "Not with this method",
        ErrorCode::RequestTimeout => "The request didn't arrive in time",
        ErrorCode::HostNotAllowed => "Not this server's name",
        ErrorCode::PayloadTooLarge => "The body is too large",
        ErrorCode::UriTooLong => "The address is too long",
        ErrorCode::UnsupportedMediaType => "The body's format is not supported",
        ErrorCode::HeadersTooLarge => "The headers are too large",
        ErrorCode::RateLimited => "Too many requests",
        ErrorCode::Internal => "SpaceWatch failed",
        ErrorCode::StoreFailed => "The store failed",
        ErrorCode::StoreUnavailable => "The store is not available",
        ErrorCode::StoreTimeout => "The store didn't answer in time",
        ErrorCode::Overloaded => "The server is busy",
        ErrorCode::StillRunning => "The work goes on",
    }
}
