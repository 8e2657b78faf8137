//! What `POST /chat` is sent.

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use spacewatch_assistant::Circumstances;
use spacewatch_insight::Tenant;
use spacewatch_model::{BucketName, ErrorCode, OneLine, Timestamp};
use utoipa::ToSchema;

use crate::problem::Problem;

/// A question in plain words. Credentials and named buckets may stand here or in the headers; here they count more.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatRequest {
    /// The question.
    pub(crate) message: String,
    /// The conversation it belongs to: questions may build on the ones before.
    #[serde(default)]
    pub(crate) session_id: Option<String>,
    /// As `X-Spaces-Key`.
    #[serde(default)]
    spaces_key: Option<String>,
    /// As `X-Spaces-Secret`.
    #[serde(default)]
    spaces_secret: Option<String>,
    /// As `X-Log-Bucket`.
    #[serde(default)]
    log_bucket: Option<String>,
    /// As `X-Log-Prefix`.
    #[serde(default)]
    log_prefix: Option<String>,
    /// As `X-Metrics-Bucket`.
    #[serde(default)]
    metrics_bucket: Option<String>,
    /// As `X-Metrics-Prefix`.
    #[serde(default)]
    metrics_prefix: Option<String>,
    /// As `X-Region`.
    #[serde(default)]
    region: Option<String>,
    /// As `X-Endpoint`.
    #[serde(default)]
    endpoint: Option<String>,
    /// The bucket on the page that is open, which "the bucket" means.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    bucket: Option<BucketName>,
    /// Where the period on the page begins.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Where it ends.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// In which days are meant, by its IANA name: `Asia/Singapore`. UTC without it.
    #[serde(default)]
    time_zone: Option<String>,
}

impl ChatRequest {
    /// The headers with what the body says instead.
    pub(super) fn merged(&self, headers: &HeaderMap) -> Result<HeaderMap, Problem> {
        let mut merged = headers.clone();
        let said = [
            ("x-spaces-key", &self.spaces_key),
            ("x-spaces-secret", &self.spaces_secret),
            ("x-log-bucket", &self.log_bucket),
            ("x-log-prefix", &self.log_prefix),
            ("x-metrics-bucket", &self.metrics_bucket),
            ("x-metrics-prefix", &self.metrics_prefix),
            ("x-region", &self.region),
            ("x-endpoint", &self.endpoint),
            ("x-session-id", &self.session_id),
        ];
        for (name, value) in said {
            let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else {
                continue;
            };
            let mut value = HeaderValue::from_str(value)
                .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
                .map_err(|_| {
                    let field = name.trim_start_matches("x-").replace('-', "_");
                    Problem::new(
                        ErrorCode::InvalidBody,
                        format!("`{field}` holds what can't stand there"),
                    )
                })?;
            value.set_sensitive(true);
            merged.insert(HeaderName::from_static(name), value);
        }
        Ok(merged)
    }

    /// When, where and about what is asked.
    pub(super) fn circumstances(&self, tenant: &Tenant) -> Result<Circumstances, Problem> {
        let time_zone = match self.time_zone.as_deref().filter(|name| !name.is_empty()) {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| {
                let detail = format!(
                    "`time_zone` is `{}`, which is no time zone known here",
                    OneLine(name)
                );
                Problem::new(ErrorCode::InvalidBody, detail).with_hint("send its IANA name: `Europe/Berlin`")
            })?,
        };
        Ok(Circumstances {
            now: tenant.clock.now(),
            time_zone,
            bucket: self.bucket.clone(),
            period: self.from.zip(self.to).filter(|(from, to)| from < to),
            log_bucket: tenant.log_bucket.clone(),
            metrics_bucket: tenant.metrics_bucket.clone(),
        })
    }
}
