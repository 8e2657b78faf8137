//! Whether a request is let in.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures::StreamExt;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, CONTENT_LENGTH, EXPECT, ORIGIN};
use http::{Method, Request, Version};
use spacewatch_model::ErrorCode;

use crate::app::App;
use crate::client;
use crate::host;
use crate::problem::Problem;
use crate::route_table::RouteFacts;

/// How much of a refused body is still taken off the wire, and for how long, so that the client gets to read
/// the refusal instead of a broken connection. Nothing of it is kept.
const LINGER_BYTES: u64 = 256 << 20;
const LINGER_TIME: Duration = Duration::from_secs(5);

pub(super) enum Admission {
    Granted,
    /// A browser asks whether a page of another origin may ask.
    Preflight,
    Refused(Problem),
}

pub(super) fn admit(app: &App, facts: &RouteFacts, request: &Request<Body>) -> Admission {
    match check(app, facts, request) {
        Err(problem) => Admission::Refused(problem),
        Ok(()) if is_preflight(request) => Admission::Preflight,
        Ok(()) => Admission::Granted,
    }
}

fn check(app: &App, facts: &RouteFacts, request: &Request<Body>) -> Result<(), Problem> {
    check_head_size(app, request)?;
    if !facts.any_host {
        host::check(request.uri(), request.headers(), &app.config)?;
    }
    check_body_size(app, request)?;
    if facts.rate_limited && !is_preflight(request) {
        let client = client::of(request, &app.config.trusted_proxies);
        app.rate.admit(client).map_err(|seconds| {
            Problem::new(
                ErrorCode::RateLimited,
                format!("too many requests; come again in {seconds} s"),
            )
            .with_hint("the operator sets `RATE_LIMIT_RPS` and `RATE_LIMIT_BURST`")
            .with_retry_after(seconds)
        })?;
    }
    Ok(())
}

fn check_head_size(app: &App, request: &Request<Body>) -> Result<(), Problem> {
    let bounds = &app.config.bounds;
    let uri = request.uri();
    let uri_bytes = uri.path_and_query().map_or(0, |text| text.as_str().len());
    if uri_bytes > bounds.uri_bytes {
        let detail = format!(
            "the address is {uri_bytes} bytes long, the limit is {}",
            bounds.uri_bytes
        );
        return Err(Problem::new(ErrorCode::UriTooLong, detail));
    }
    let headers = request.headers();
    if headers.len() > bounds.headers {
        let detail = format!(
            "the request has {} headers, the limit is {}",
            headers.len(),
            bounds.headers
        );
        return Err(Problem::new(ErrorCode::HeadersTooLarge, detail));
    }
    let header_bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if header_bytes > bounds.header_bytes {
        let detail = format!(
            "the headers hold {header_bytes} bytes, the limit is {}",
            bounds.header_bytes
        );
        return Err(Problem::new(ErrorCode::HeadersTooLarge, detail));
    }
    Ok(())
}

/// Refuses a body by its announced length, before a byte of it is read. A body of unknown length is bounded
/// where it is read.
fn check_body_size(app: &App, request: &Request<Body>) -> Result<(), Problem> {
    let limit = app.config.bounds.body_bytes;
    let Some(announced) = request.headers().get(CONTENT_LENGTH) else {
        return Ok(());
    };
    let announced = announced.to_str().ok().and_then(|text| text.parse::<u64>().ok());
    match announced {
        Some(bytes) if bytes > limit => Err(too_large(limit)),
        _ => Ok(()),
    }
}

fn too_large(limit: u64) -> Problem {
    Problem::new(
        ErrorCode::PayloadTooLarge,
        format!("the body is larger than {limit} bytes"),
    )
}

fn is_preflight(request: &Request<Body>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Takes the rest of a refused HTTP/1 body off the wire while the refusal is on its way.
pub(super) fn linger(app: &Arc<App>, request: Request<Body>) {
    let sends_anyway = request.version() < Version::HTTP_2 && !request.headers().contains_key(EXPECT);
    let body = request.into_body();
    if !sends_anyway || http_body::Body::is_end_stream(&body) {
        return;
    }
    let Ok(place) = app.lingering.clone().try_acquire_owned() else {
        return;
    };
    app.tasks.spawn(async move {
        let mut left = LINGER_BYTES;
        let mut frames = body.into_data_stream();
        let drain = async {
            while let Some(Ok(bytes)) = frames.next().await {
                left = left.saturating_sub(bytes.len() as u64);
                if left == 0 {
                    break;
                }
            }
        };
        // Whether it ended or not: enough was done for this client.
        let _ = tokio::time::timeout(LINGER_TIME, drain).await;
        drop(place);
    });
}

/// Reads a body that no route needs, so that one of unknown length is bounded too.
pub(crate) async fn read_and_forget(app: &App, body: Body) -> Result<(), Problem> {
    read(app, body, |_| ()).await
}

/// Reads a whole body, within the limits of length and time.
pub(crate) async fn read_body(app: &App, body: Body) -> Result<Vec<u8>, Problem> {
    let mut whole = Vec::new();
    read(app, body, |part| whole.extend_from_slice(part)).await?;
    Ok(whole)
}

async fn read(app: &App, body: Body, mut keep: impl FnMut(&[u8])) -> Result<(), Problem> {
    if http_body::Body::is_end_stream(&body) {
        return Ok(());
    }
    let limit = app.config.bounds.body_bytes;
    let mut frames = body.into_data_stream();
    let read = async {
        let mut seen = 0_u64;
        while let Some(frame) = frames.next().await {
            let bytes = frame.map_err(|_| Problem::new(ErrorCode::InvalidBody, "the body broke off"))?;
            seen += bytes.len() as u64;
            if seen > limit {
                return Err(too_large(limit));
            }
            keep(&bytes);
        }
        Ok(())
    };
    let patience = app.config.bounds.body_read_timeout;
    tokio::time::timeout(patience, read).await.unwrap_or_else(|_| {
        let detail = format!("the body didn't arrive within {} s", patience.as_secs_f64());
        Err(Problem::new(ErrorCode::RequestTimeout, detail))
    })
}
