//! An evidence bundle as a download.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request};
use serde::de::DeserializeOwned;
use spacewatch_insight::{EvidenceArgs, EvidenceBundle, EvidenceOf, EvidenceTool, Tenant};
use spacewatch_model::ErrorCode;
use tokio::sync::OwnedSemaphorePermit;

use super::set_header;
use crate::app::App;
use crate::door::{Subject, read_and_forget};
use crate::problem::Problem;
use crate::query;
use crate::tenant::Caller;

/// The digest of the bundle's manifest: whoever notes it down knows the bundle again.
const FINGERPRINT: &str = "x-evidence-sha256";

/// Sent at a time.
const CHUNK: usize = 64 * 1024;

pub(crate) async fn evidence(
    State(app): State<Arc<App>>,
    Caller(tenant): Caller,
    request: Request<Body>,
) -> Response {
    app.services.counters.tool_requests.increment();
    let asked = match asked(request.uri().query()) {
        Ok(asked) => asked,
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = read_and_forget(&app, request.into_body()).await {
        return problem.into_response();
    }
    let subject = tenant.log_bucket.clone().map(Subject);
    let mut response = bundle(&app, &tenant, asked)
        .await
        .unwrap_or_else(IntoResponse::into_response);
    if let Some(subject) = subject {
        response.extensions_mut().insert(subject);
    }
    response
}

/// Whose records are wanted: the tool's own arguments stand beside those of the bundle.
fn asked(query: Option<&str>) -> Result<(EvidenceArgs, EvidenceOf), Problem> {
    fn of<A: DeserializeOwned>(query: Option<&str>) -> Result<Box<A>, Problem> {
        query::parse::<A>(query).map(Box::new)
    }
    let args: EvidenceArgs = query::parse(query)?;
    let of = match args.tool {
        EvidenceTool::SearchLogs => EvidenceOf::SearchLogs(of(query)?),
        EvidenceTool::ObjectAudit => EvidenceOf::ObjectAudit(of(query)?),
        EvidenceTool::LeakedKey => EvidenceOf::LeakedKey(of(query)?),
        EvidenceTool::Finding => EvidenceOf::Finding(of(query)?),
    };
    Ok((args, of))
}

async fn bundle(
    app: &App,
    tenant: &Tenant,
    (args, of): (EvidenceArgs, EvidenceOf),
) -> Result<Response, Problem> {
    // A bundle is held in memory until it is sent.
    let room = Arc::clone(&app.bundles).try_acquire_owned().map_err(|_| {
        Problem::new(ErrorCode::Overloaded, "other evidence bundles are being made")
            .with_hint("ask again when they are sent")
            .with_retry_after(5)
    })?;
    let limit = app.config.bounds.work_timeout;
    let saved = tokio::time::timeout(limit, EvidenceBundle::save(tenant, of, args.max_records)).await;
    let saved = saved.map_err(|_| {
        let detail = format!("the bundle was not done after {} s", limit.as_secs_f64());
        Problem::new(ErrorCode::StoreTimeout, detail)
            .with_hint("narrow the question, or ask at the command line")
    })??;
    let fingerprint = saved.written.fingerprint.to_string();
    let file_name = saved.file_name;
    let length: usize = saved.written.pieces.iter().map(Vec::len).sum();
    let mut response = Response::new(body(saved.written.pieces, room));
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    set_header(
        headers,
        CONTENT_DISPOSITION.as_str(),
        &format!("attachment; filename=\"{file_name}\""),
    )?;
    set_header(headers, FINGERPRINT, &fingerprint)?;
    Ok(response)
}

/// The pieces, in small parts. There is room for another bundle when they are gone.
fn body(pieces: Vec<Vec<u8>>, room: OwnedSemaphorePermit) -> Body {
    let parts = stream::iter(pieces).flat_map(|piece| {
        let mut rest = Bytes::from(piece);
        stream::iter(std::iter::from_fn(move || {
            let part = rest.split_to(rest.len().min(CHUNK));
            (!part.is_empty()).then_some(part)
        }))
    });
    Body::from_stream(parts.map(move |part| {
        let _ = &room;
        Ok::<_, Infallible>(part)
    }))
}
