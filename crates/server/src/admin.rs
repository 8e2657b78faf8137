//! Who may see what the operator sees.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::{AUTHORIZATION, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri};
use spacewatch_model::{ErrorCode, Secret};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::config::Config;
use crate::host;
use crate::problem::Problem;

/// A request that holds the operator's key, or comes from the machine itself where no key is set.
pub(crate) struct Operator;

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match &app.config.api_key {
            Some(key) if !key.is_empty() => check_key(key, &parts.headers),
            _ => check_local(&app.config, parts),
        }
        .map(|()| Self)
    }
}

fn check_key(key: &Secret, headers: &HeaderMap) -> Result<(), Problem> {
    let sent = headers
        .get("x-api-key")
        .map(|value| value.as_bytes())
        .or_else(|| bearer(headers));
    let Some(sent) = sent else {
        return Err(
            Problem::new(ErrorCode::Unauthorized, "the operator's key is missing")
                .with_hint("send it as `X-API-Key`, or as `Authorization: Bearer`"),
        );
    };
    if bool::from(sent.ct_eq(key.expose().as_bytes())) {
        return Ok(());
    }
    Err(
        Problem::new(ErrorCode::Unauthorized, "the operator's key is wrong")
            .with_hint("the key is the server's `APP_API_KEY`"),
    )
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| token.trim_ascii())
}

/// Without a key only the machine itself may look, and only if nothing tells of a proxy in between: behind
/// one, everybody seems to come from here.
fn check_local(config: &Config, parts: &Parts) -> Result<(), Problem> {
    let refused = |why: &str| {
        Problem::new(
            ErrorCode::Unauthorized,
            format!("no operator's key is configured, and {why}"),
        )
        .with_hint("set `APP_API_KEY` (`spacewatch setup` makes one) and send it as `X-API-Key`")
    };
    if !config.host.to_canonical().is_loopback() {
        return Err(refused("the server listens on an address that is not loopback"));
    }
    let proxied = parts
        .headers
        .keys()
        .any(|name| matches!(name.as_str(), "forwarded" | "via") || name.as_str().starts_with("x-forwarded"));
    if proxied {
        return Err(refused("the request came through a proxy"));
    }
    if !host::of(&parts.uri, &parts.headers).is_some_and(|host| host::is_loopback(&host)) {
        return Err(refused("the request's Host is not a loopback name"));
    }
    if parts
        .headers
        .get_all(ORIGIN)
        .iter()
        .any(|origin| !is_own_page(origin))
    {
        return Err(refused("the request comes from a page of another origin"));
    }
    Ok(())
}

/// Whether a page served by this machine asks. Any other page that cross-origin access is open to could
/// read the operator's figures through its visitor's browser.
fn is_own_page(origin: &HeaderValue) -> bool {
    let host = origin.to_str().ok().and_then(|text| {
        let origin: Uri = text.parse().ok()?;
        origin.host().map(str::to_ascii_lowercase)
    });
    host.is_some_and(|host| host::is_loopback(&host))
}
