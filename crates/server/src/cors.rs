//! Pages of other origins: closed unless the operator names them.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::config::CorsOrigin;

const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "accept, content-type, mcp-method, mcp-name, mcp-protocol-version, mcp-session-id, traceparent, x-api-key, x-endpoint, x-log-bucket, x-log-prefix, x-metrics-bucket, \
     x-metrics-prefix, x-region, x-request-id, x-session-id, x-spaces-key, x-spaces-secret",
);
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static(
    "location, mcp-session-id, retry-after, x-operation-type, x-request-duration-ms, x-request-id",
);

/// What to answer in `Access-Control-Allow-Origin`, if this request's origin is one the operator named.
pub(crate) fn allowed_origin(headers: &HeaderMap, allowed: &[CorsOrigin]) -> Option<HeaderValue> {
    if allowed.is_empty() {
        return None;
    }
    let origin = headers.get(ORIGIN)?;
    let text = origin.to_str().ok()?;
    let found = allowed.iter().find(|allowed| allowed.covers(text))?;
    if found.is_any() {
        Some(HeaderValue::from_static("*"))
    } else {
        Some(origin.clone())
    }
}

/// The answer to a preflight. To an origin that isn't allowed it says nothing, and the browser refuses.
pub(crate) fn preflight(origin: Option<&HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if origin.is_some() {
        let headers = response.headers_mut();
        headers.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, HEAD, POST, DELETE"),
        );
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}

/// Lets a page of this origin read the answer. Credentials travel in headers that the page itself sets, so
/// `Access-Control-Allow-Credentials`, which is about cookies, is never sent.
pub(crate) fn expose(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    vary(headers);
}

pub(crate) fn vary(headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("origin"));
}
