//! Whose request it is: credentials and named buckets from the headers.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use spacewatch_insight::Tenant;
use spacewatch_model::{BucketName, ErrorCode, OneLine, Prefix, Secret};
use spacewatch_s3::{Credentials, EndpointError, Progress};

use crate::app::App;
use crate::problem::Problem;

/// Characters of a session's id.
const MAX_SESSION: usize = 128;

/// The tenant that a request's headers make.
pub(crate) struct Caller(pub(crate) Tenant);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        of(&parts.headers, app).map(Self)
    }
}

/// The tenant that these headers make.
pub(crate) fn of(headers: &HeaderMap, app: &App) -> Result<Tenant, Problem> {
    let key_id = required(headers, "X-Spaces-Key")?;
    let secret = required(headers, "X-Spaces-Secret")?;
    let credentials = Credentials::new(key_id.to_owned(), Secret::new(secret)).map_err(|error| {
        let detail = format!("`X-Spaces-Key` and `X-Spaces-Secret` can't be keys: {error}");
        Problem::new(ErrorCode::InvalidParameter, detail)
    })?;
    let region = optional(headers, "X-Region")?;
    let endpoint = optional(headers, "X-Endpoint")?;
    let endpoint = app
        .services
        .policy
        .choose(endpoint, region)
        .map_err(endpoint_problem)?;
    let log_bucket = parsed::<BucketName>(headers, "X-Log-Bucket")?;
    let metrics_bucket = parsed::<BucketName>(headers, "X-Metrics-Bucket")?;
    let log_prefix = parsed::<Prefix>(headers, "X-Log-Prefix")?.unwrap_or_default();
    let metrics_prefix = parsed::<Prefix>(headers, "X-Metrics-Prefix")?;
    if let Some(session) = optional(headers, "X-Session-Id")?
        && session.len() > MAX_SESSION
    {
        return Err(invalid(
            "X-Session-Id",
            &format!("is longer than {MAX_SESSION} characters"),
        ));
    }
    Ok(Tenant {
        store: app.services.stores.open(credentials, endpoint),
        log_bucket,
        log_prefix: log_prefix.as_folder(),
        metrics_bucket,
        metrics_prefix: metrics_prefix.map(|prefix| prefix.as_folder()),
        fallback_buckets: app.fallback_buckets.clone(),
        limits: app.config.limits,
        progress: Progress::default(),
        bucket_cache: app.services.bucket_cache.clone(),
        lakes: app.services.lakes.clone(),
        histories: app.services.histories.clone(),
        inventories: app.services.inventories.clone(),
        prices: app.services.prices.clone(),
        clock: app.services.clock.clone(),
    })
}

fn required<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Problem> {
    optional(headers, name)?.ok_or_else(|| {
        Problem::new(
            ErrorCode::MissingHeader,
            format!("the header `{name}` is missing"),
        )
        .with_hint("user routes need `X-Spaces-Key` and `X-Spaces-Secret`")
    })
}

/// A header's text. Empty is absent; twice is once too often, since proxies disagree on which one counts.
pub(crate) fn optional<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(invalid(name, "is given more than once"));
    }
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| invalid(name, "is not UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(invalid(name, "holds a control character"));
    }
    Ok(Some(text.trim()).filter(|text| !text.is_empty()))
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(
    headers: &HeaderMap,
    name: &'static str,
) -> Result<Option<T>, Problem> {
    optional(headers, name)?
        .map(|text| {
            text.parse()
                .map_err(|error: T::Err| invalid(name, &error.to_string()))
        })
        .transpose()
}

fn invalid(name: &str, why: &str) -> Problem {
    Problem::new(
        ErrorCode::InvalidParameter,
        format!("the header `{name}` {}", OneLine(why)),
    )
}

fn endpoint_problem(error: EndpointError) -> Problem {
    let (code, name) = match &error {
        EndpointError::Region(_) => (ErrorCode::InvalidParameter, "X-Region"),
        EndpointError::Malformed { .. } => (ErrorCode::InvalidParameter, "X-Endpoint"),
        EndpointError::NotAllowed { .. } => (ErrorCode::EndpointNotAllowed, "X-Endpoint"),
    };
    Problem::new(code, format!("the header `{name}` can't be used: {error}")).with_hint(error.hint())
}
