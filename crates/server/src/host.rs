//! Under which name the server was asked for.

use std::net::IpAddr;

use http::header::HOST;
use http::{HeaderMap, Uri};
use spacewatch_model::{ErrorCode, OneLine};

use crate::config::Config;
use crate::problem::Problem;

/// The host name of a request, lower case and without its port.
pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let text = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => {
            let mut hosts = headers.get_all(HOST).iter();
            let host = hosts.next()?.to_str().ok()?;
            if hosts.next().is_some() {
                return None;
            }
            host
        }
    };
    let authority: http::uri::Authority = text.parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    Some(authority.host().trim_end_matches('.').to_ascii_lowercase())
}

/// Whether this name means the machine itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Refuses names this server doesn't go by. A page in a browser can point a name of its own at this
/// machine; then the browser believes that the answer is the page's own.
pub(crate) fn check(uri: &Uri, headers: &HeaderMap, config: &Config) -> Result<(), Problem> {
    let on_loopback = config.host.to_canonical().is_loopback();
    if !on_loopback && config.allowed_hosts.is_empty() {
        return Ok(());
    }
    let host = of(uri, headers);
    let known = host.as_deref().is_some_and(|host| {
        (on_loopback && is_loopback(host)) || config.allowed_hosts.iter().any(|allowed| allowed.covers(host))
    });
    if known {
        return Ok(());
    }
    let detail = match host {
        Some(host) => format!("this server does not go by the name `{}`", OneLine(&host)),
        None => "the request names no host".to_owned(),
    };
    Err(Problem::new(ErrorCode::HostNotAllowed, detail)
        .with_hint("if the name is right, the operator adds it to `ALLOWED_HOSTS`"))
}
