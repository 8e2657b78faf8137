//! `/docs`: the OpenAPI document as a page, with no script from elsewhere.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use spacewatch_model::ErrorCode;

use crate::openapi;
use crate::problem::Problem;
use crate::security_headers::PAGE_POLICY;

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    serde_json::to_vec(&openapi::document())
        .unwrap_or_default()
        .into()
});

pub(crate) async fn document() -> Response {
    serve(DOCUMENT.clone(), "application/json")
}

pub(crate) async fn page() -> Response {
    let mut response = serve(
        Bytes::from_static(include_bytes!("docs/index.html")),
        "text/html; charset=utf-8",
    );
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, PAGE_POLICY);
    response
}

pub(crate) async fn file(file: Result<Path<String>, PathRejection>) -> Response {
    let file = file.map(|Path(file)| file).unwrap_or_default();
    match file.as_str() {
        "docs.js" => serve(
            Bytes::from_static(include_bytes!("docs/docs.js")),
            "text/javascript; charset=utf-8",
        ),
        "docs.css" => serve(
            Bytes::from_static(include_bytes!("docs/docs.css")),
            "text/css; charset=utf-8",
        ),
        _ => Problem::new(ErrorCode::NotFound, "the documentation has no such file").into_response(),
    }
}

fn serve(body: Bytes, content_type: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
