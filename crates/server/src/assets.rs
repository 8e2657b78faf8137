//! The built pages, embedded in the program.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use spacewatch_model::ErrorCode;

use crate::problem::Problem;
use crate::security_headers::PAGE_POLICY;

/// One file of the built pages.
struct Asset {
    path: &'static str,
    content_type: &'static str,
    etag: &'static str,
    plain: &'static [u8],
    /// The same, compressed; absent where that saves nothing.
    gzip: Option<&'static [u8]>,
}

// `ASSETS: &[Asset]`, written by the build script.
include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The one page: its script looks at the address and draws what belongs there.
pub(crate) async fn page(headers: HeaderMap) -> Response {
    match find("index.html") {
        Some(asset) => {
            let mut response = serve(asset, &headers, HeaderValue::from_static("no-cache"));
            response
                .headers_mut()
                .insert(CONTENT_SECURITY_POLICY, PAGE_POLICY);
            response
        }
        None => Problem::new(ErrorCode::NotFound, "this program was built without its pages").into_response(),
    }
}

/// A file whose name holds a hash of what is in it, so that it never changes.
pub(crate) async fn asset(path: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let path = path.map(|Path(path)| path).unwrap_or_default();
    match find(&format!("assets/{path}")) {
        Some(asset) => serve(
            asset,
            &headers,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        None => Problem::new(ErrorCode::NotFound, "there is no such asset").into_response(),
    }
}

/// Browsers ask for this unasked; the page names its icon itself.
pub(crate) async fn favicon() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

fn serve(asset: &'static Asset, request: &HeaderMap, cache: HeaderValue) -> Response {
    let gzip = asset.gzip.filter(|_| takes_gzip(request));
    let known = request
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| {
            tags.split(',')
                .any(|tag| tag.trim().trim_start_matches("W/") == asset.etag)
        });
    let body = if known {
        Bytes::new()
    } else {
        Bytes::from_static(gzip.unwrap_or(asset.plain))
    };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, cache);
    // Weak: the compressed form is another sequence of bytes.
    if let Ok(etag) = HeaderValue::try_from(format!("W/{}", asset.etag)) {
        headers.insert(ETAG, etag);
    }
    if asset.gzip.is_some() {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    if gzip.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn takes_gzip(request: &HeaderMap) -> bool {
    let Some(accepted) = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        named
            && !parts
                .any(|parameter| parameter.replace(' ', "").starts_with("q=0") && !parameter.contains("0."))
    })
}
