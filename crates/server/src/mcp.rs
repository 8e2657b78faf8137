//! `/mcp`: the tools for programs that speak the Model Context Protocol over HTTP.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Request, Uri};
use jiff::tz::TimeZone;
use spacewatch_assistant::Circumstances;
use spacewatch_insight::Tenant;
use spacewatch_mcp::{AnswerBody, Caller, Config, forbidden};

use crate::app::App;
use crate::chat::TenantToolbox;
use crate::client;
use crate::config::CorsOrigin;
use crate::door::{read_and_forget, read_body};
use crate::problem::Problem;
use crate::tenant;

/// Nobody can switch on over HTTP what changes something.
const OFFERED: Config = Config { allow_writing: false };

/// Answers a message.
pub(crate) async fn message(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    answer(app, request)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn answer(app: Arc<App>, request: Request<Body>) -> Result<Response, Problem> {
    if let Some(refused) = foreign(&request, &app.config.cors_origins) {
        return Ok(refused.map(Body::new));
    }
    let client = client::of(&request, &app.config.trusted_proxies);
    let (parts, body) = request.into_parts();
    let tenant = tenant::of(&parts.headers, &app)?;
    let body = read_body(&app, body).await?;
    let caller = Caller {
        tenant: *tenant.store.fingerprint().as_bytes(),
        client: client.address(),
    };
    let circumstances = circumstances(&tenant);
    let toolbox = TenantToolbox::new(app.clone(), tenant, client, circumstances);
    let request = Request::from_parts(parts, body.into());
    let answer = app.mcp.answer(request, caller, Arc::new(toolbox), OFFERED);
    Ok(answer.await.map(Body::new))
}

/// Ends a session.
pub(crate) async fn end(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    if let Some(refused) = foreign(&request, &app.config.cors_origins) {
        return refused.map(Body::new);
    }
    let client = client::of(&request, &app.config.trusted_proxies);
    let (parts, body) = request.into_parts();
    let tenant = match tenant::of(&parts.headers, &app) {
        Ok(tenant) => tenant,
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = read_and_forget(&app, body).await {
        return problem.into_response();
    }
    let caller = Caller {
        tenant: *tenant.store.fingerprint().as_bytes(),
        client: client.address(),
    };
    app.mcp.end(&parts.headers, &caller).map(Body::new)
}

fn circumstances(tenant: &Tenant) -> Circumstances {
    Circumstances {
        now: tenant.clock.now(),
        time_zone: TimeZone::UTC,
        bucket: None,
        period: None,
        log_bucket: tenant.log_bucket.clone(),
        metrics_bucket: tenant.metrics_bucket.clone(),
    }
}

/// Refuses a page of another origin that the operator didn't name, even where its browser doesn't ask first.
fn foreign(request: &Request<Body>, allowed: &[CorsOrigin]) -> Option<http::Response<AnswerBody>> {
    let mut origins = request.headers().get_all(ORIGIN).iter();
    let origin = origins.next()?;
    let origin = origin.to_str().ok().filter(|_| origins.next().is_none());
    let known = origin.is_some_and(|origin| {
        is_own(origin, request.uri(), request.headers())
            || allowed.iter().any(|allowed| allowed.covers(origin))
    });
    (!known).then(|| {
        forbidden("pages of this origin may not ask; the operator names others in `CORS_ALLOW_ORIGINS`")
    })
}

/// Whether the page came from this server, by the name under which it was asked now: that name was looked at before.
fn is_own(origin: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    let host = uri.authority().map(|authority| authority.as_str());
    let host = host.or_else(|| headers.get(HOST).and_then(|host| host.to_str().ok()));
    let page = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    match (page, host) {
        (Some(page), Some(host)) => page.eq_ignore_ascii_case(host),
        _ => false,
    }
}
