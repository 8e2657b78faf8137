//! Pictures: a tool's answer as a chart, as PNG or SVG.

mod charts;

use std::str::FromStr;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderValue, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use spacewatch_insight::{
    Day, Evidence, Given, Limit, Moment, SourceBucket, Tenant, Tool, TopIps, TopIpsArgs, TopLogs,
    TopLogsArgs, Traffic, TrafficArgs, TrafficOutput,
};
use spacewatch_model::{ErrorCode, OneLine};
use spacewatch_plot::{Chart, Size, Theme};
use utoipa::ToSchema;

use super::{Asking, Door, Ready, json_response, named, pursue, still_readable, wait};
use crate::app::App;
use crate::client::ClientKey;
use crate::door::read_and_forget;
use crate::problem::Problem;
use crate::query;
use crate::request_id::RequestId;
use crate::tenant::Caller;
use crate::work::Question;

/// What a picture is about, and how it looks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PlotQuery {
    /// The bucket that requests went to; `*` for every bucket of the log where a top list is drawn.
    #[schema(value_type = Option<String>)]
    source_bucket: Option<SourceBucket>,
    /// Another name for `source_bucket`.
    #[schema(value_type = Option<String>)]
    bucket: Option<SourceBucket>,
    /// A day in UTC.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    date_yyyy_mm_dd: Given<Day>,
    /// From this moment on, instead of a day: `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    to: Given<Moment>,
    /// How many bars, 20 by default.
    limit: Option<Limit>,
    /// How long a step is in seconds.
    step: Option<u64>,
    /// The width in pixels, 1000 by default.
    #[schema(minimum = 200, maximum = 2000)]
    width: Option<u32>,
    /// The height in pixels, 600 by default.
    #[schema(minimum = 200, maximum = 2000)]
    height: Option<u32>,
    /// Light, the default, or dark.
    #[serde(default)]
    theme: Colours,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    wait: bool,
}

/// The colours of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Colours {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near black.
    Dark,
}

/// A larger picture says no more, and takes a lot of memory.
const MAX_SIDE: u32 = 2000;
const DEFAULT_SIZE: (u32, u32) = (1000, 600);
/// The headers that make a picture somebody's.
const WHOSE: &str = "X-Spaces-Key, X-Spaces-Secret, X-Region, X-Endpoint, X-Log-Bucket, X-Log-Prefix";

/// Every plot: its name, and what it shows.
pub(crate) const PLOTS: [(&str, &str); 12] = [
    ("top-ips", "addresses by requests"),
    ("top-keys", "keys by requests"),
    ("top-prefixes", "folders by bytes sent"),
    ("top-requesters", "requesters by requests"),
    ("top-user-agents", "user agents by requests"),
    ("top-errors", "error codes by requests"),
    ("requests", "requests over time, by kind"),
    ("status-classes", "requests over time, by status"),
    ("errors", "errors over time"),
    ("bytes", "bytes over time"),
    ("latency", "p50, p95 and p99 of the total time, over time"),
    ("latency-heatmap", "how many requests took how long, over time"),
];

/// A file name such as `top-ips.png`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plot {
    name: &'static str,
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Png,
    Svg,
}

impl Format {
    fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
        }
    }
}

impl FromStr for Plot {
    type Err = Problem;

    fn from_str(file: &str) -> Result<Self, Problem> {
        let format = |extension: &str| match extension {
            "png" => Some(Format::Png),
            "svg" => Some(Format::Svg),
            _ => None,
        };
        let (stem, extension) = file.rsplit_once('.').unwrap_or_default();
        let known = PLOTS.iter().find(|(name, _)| *name == stem);
        known
            .zip(format(extension))
            .map(|(&(name, _), format)| Self { name, format })
            .ok_or_else(|| {
                let shown: String = file.chars().take(100).collect();
                let names: Vec<_> = PLOTS.iter().map(|(name, _)| format!("`{name}`")).collect();
                Problem::new(
                    ErrorCode::NotFound,
                    format!("there is no plot `{}`", OneLine(&shown)),
                )
                .with_hint(format!("`.png` or `.svg` of {}", names.join(", ")))
            })
    }
}

/// Draws a picture.
pub(crate) async fn plot(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    file: Result<Path<String>, PathRejection>,
    Caller(tenant): Caller,
    request: Request<Body>,
) -> Response {
    app.services.counters.tool_requests.increment();
    let plot = file.map(|Path(file)| file).unwrap_or_default().parse::<Plot>();
    let query = query::parse::<PlotQuery>(request.uri().query()).and_then(PlotQuery::checked);
    let (plot, query) = match (plot, query) {
        (Ok(plot), Ok(query)) => (plot, query),
        (Err(problem), _) | (_, Err(problem)) => return problem.into_response(),
    };
    let door = Door::of(&app, &request, request_id);
    if let Err(problem) = read_and_forget(&app, request.into_body()).await {
        return problem.into_response();
    }
    let mut response = match ask_plot(&app, tenant, plot, query, door.client).await {
        Ok(Ready::Answer(picture)) => json_response(picture),
        Ok(Ready::Wait(waiting)) => wait(&app, waiting, json_response).await,
        Err(problem) => problem.into_response(),
    };
    if response.status().is_success() {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(plot.format.media_type()));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=30"));
        headers.insert(VARY, HeaderValue::from_static(WHOSE));
    }
    response
}

async fn ask_plot(
    app: &Arc<App>,
    tenant: Tenant,
    plot: Plot,
    query: PlotQuery,
    client: ClientKey,
) -> Result<Ready, Problem> {
    let question = Question {
        tenant: tenant.store.fingerprint(),
        tool: "plot",
        args: named(&tenant, &(plot.name, plot.format.media_type(), &query))?,
    };
    // All plots are drawn from the access log.
    let log = tenant.log_bucket.clone();
    let evidence = log.map(|bucket| Evidence::Objects(bucket, tenant.log_prefix.clone()));
    let asking = Asking {
        question,
        evidence: evidence.into_iter().collect(),
        client,
    };
    let store = tenant.store.clone();
    if let Some(picture) = app.pictures.find(&asking.question)
        && still_readable(&store, &asking.evidence).await
    {
        return Ok(Ready::Answer(picture));
    }
    let question = asking.question.clone();
    let draw = |progress| {
        let tenant = Tenant {
            progress,
            ..tenant.clone()
        };
        let drawing = draw(tenant, plot, query.clone());
        let (pictures, question) = (app.pictures.clone(), question.clone());
        async move {
            let picture = drawing.await?;
            pictures.keep(question, picture.clone());
            Ok(picture)
        }
    };
    pursue(app, &store, asking, draw).await
}

async fn draw(tenant: Tenant, plot: Plot, query: PlotQuery) -> Result<Bytes, Problem> {
    let (size, theme) = (query.size()?, query.theme());
    let chart = chart(&tenant, plot.name, &query).await?;
    let drawing = move || match plot.format {
        Format::Svg => Ok(Bytes::from(chart.svg(size, theme))),
        Format::Png => chart.png(size, theme).map(Bytes::from).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a picture can't be drawn"
            );
            Problem::internal()
        }),
    };
    tokio::task::spawn_blocking(drawing)
        .await
        .unwrap_or_else(|_| Err(Problem::internal()))
}

async fn chart(tenant: &Tenant, name: &str, query: &PlotQuery) -> Result<Chart, Problem> {
    let top = async |title: &str, by: &str, measure: &str| {
        let answer = TopLogs::run(tenant, query.top(by, measure)?).await?;
        Ok(charts::top(title, &answer))
    };
    let traffic = async |draw: fn(&TrafficOutput) -> Chart| {
        let answer = Traffic::run(tenant, query.traffic()?).await?;
        Ok(draw(&answer))
    };
    match name {
        "top-ips" => Ok(charts::top_ips(&TopIps::run(tenant, query.top_ips()?).await?)),
        "top-keys" => top("Top keys by requests", "key", "requests").await,
        "top-prefixes" => top("Top folders by bytes sent", "prefix", "bytes").await,
        "top-requesters" => top("Top requesters by requests", "requester", "requests").await,
        "top-user-agents" => top("Top user agents by requests", "user_agent", "requests").await,
        "top-errors" => top("Top error codes by requests", "error_code", "requests").await,
        "requests" => traffic(charts::requests).await,
        "status-classes" => traffic(charts::status_classes).await,
        "errors" => traffic(charts::errors).await,
        "bytes" => traffic(charts::bytes).await,
        "latency" => traffic(charts::latency).await,
        _ => traffic(charts::latency_heatmap).await,
    }
}

impl PlotQuery {
    /// The same, if the picture can be drawn at all.
    fn checked(self) -> Result<Self, Problem> {
        self.size()?;
        if self.bucket().is_none() {
            let detail = "`source_bucket` is missing from the address";
            return Err(Problem::new(ErrorCode::MissingParameter, detail));
        }
        Ok(self)
    }

    fn bucket(&self) -> Option<&SourceBucket> {
        self.source_bucket.as_ref().or(self.bucket.as_ref())
    }

    fn size(&self) -> Result<Size, Problem> {
        let (width, height) = DEFAULT_SIZE;
        let side = |side: Option<u32>, default: u32| side.unwrap_or(default).min(MAX_SIDE);
        Size::new(side(self.width, width), side(self.height, height))
            .map_err(|error| Problem::new(ErrorCode::InvalidValue, format!("`width`, `height`: {error}")))
    }

    fn theme(&self) -> Theme {
        match self.theme {
            Colours::Light => Theme::Light,
            Colours::Dark => Theme::Dark,
        }
    }

    fn top_ips(&self) -> Result<TopIpsArgs, Problem> {
        arguments(json!({
            "source_bucket": self.bucket(),
            "date_yyyy_mm_dd": self.date_yyyy_mm_dd,
            "from": self.from,
            "to": self.to,
            "limit": self.limit,
            "wait": self.wait,
        }))
    }

    fn top(&self, by: &str, measure: &str) -> Result<TopLogsArgs, Problem> {
        arguments(json!({
            "source_bucket": self.bucket(),
            "date_yyyy_mm_dd": self.date_yyyy_mm_dd,
            "from": self.from,
            "to": self.to,
            "limit": self.limit,
            "wait": self.wait,
            "by": by,
            "measure": measure,
        }))
    }

    /// A day is a period from that day to that day.
    fn traffic(&self) -> Result<TrafficArgs, Problem> {
        let day = self.date_yyyy_mm_dd.text();
        arguments(json!({
            "bucket": self.bucket(),
            "from": day.or(self.from.text()),
            "to": day.or(self.to.text()),
            "step": self.step,
            "wait": self.wait,
        }))
    }
}

/// A tool's arguments, checked like those of its own route.
fn arguments<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| {
        let text: String = error.to_string().chars().take(400).collect();
        Problem::new(ErrorCode::InvalidParameter, OneLine(&text).to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expected: Option<(&str, Format)>) {
        let found = file.parse::<Plot>().ok().map(|plot| (plot.name, plot.format));
        assert_eq!(found, expected, "{file}");
    }

    #[test]
    fn file_names() {
        check("top-ips.png", Some(("top-ips", Format::Png)));
        check("latency-heatmap.svg", Some(("latency-heatmap", Format::Svg)));
        for wrong in [
            "",
            "top-ips",
            ".png",
            "top-ips.gif",
            "top-ips.png.svg",
            "TOP-IPS.png",
            "../top-ips.png",
        ] {
            check(wrong, None);
        }
    }
}
