//! `/metrics`: what SpaceWatch does, as Prometheus reads it.
//!
//! Labels take few values: kinds of operations, routes, statuses. No key, no address, no bucket of somebody who only asked.

mod families;
mod process;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, VARY};
use spacewatch_telemetry::{Counters, Exposition, Form, Layer, Recorder, Sums};

use crate::admin::Operator;
use crate::app::App;
use families as of;

pub(crate) async fn metrics(_: Operator, State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let form = Form::accepted(accept.unwrap_or_default());
    let headers = [(CONTENT_TYPE, form.content_type()), (VARY, "accept")];
    (headers, page(&app, form)).into_response()
}

fn page(app: &App, form: Form) -> String {
    let mut page = Exposition::new(form);
    let version = vec![("version", env!("CARGO_PKG_VERSION"))];
    page.numbers(&of::BUILD, [(version, 1.0)]);
    page.number(&of::UPTIME, app.services.clock.elapsed().as_secs_f64());
    operations(&mut page, &app.services.recorder);
    requests(&mut page, app);
    counters(&mut page, &app.services.counters);
    let tenants = u32::try_from(app.services.bucket_cache.len()).unwrap_or(u32::MAX);
    page.number(&of::KNOWN_TENANTS, tenants.into());
    process::write(&mut page);
    page.finish()
}

/// Both layers, by kind.
fn operations(page: &mut Exposition, recorder: &Recorder) {
    let sums: Vec<(&str, &str, Sums)> = Layer::ALL
        .iter()
        .flat_map(|layer| {
            let sums = recorder.sums(*layer).into_iter();
            sums.map(|(kind, sums)| (layer.as_str(), kind.as_str(), sums))
        })
        .collect();
    counted(page, &of::OPERATIONS, ["layer", "operation"], &sums);
    let durations = sums
        .iter()
        .map(|(layer, kind, sums)| (vec![("layer", *layer), ("operation", *kind)], sums.durations()));
    page.durations(&of::OPERATION_DURATION, durations);
    let calls = sums.iter().filter(|(layer, ..)| *layer == Layer::S3.as_str());
    let first_bytes = calls.map(|(_, kind, sums)| (vec![("operation", *kind)], sums.first_bytes()));
    page.durations(&of::S3_FIRST_BYTE, first_bytes);
}

/// All requests, by route.
fn requests(page: &mut Exposition, app: &App) {
    let routes = app.services.mission.sums();
    let sums: Vec<(&str, &str, Sums)> = routes
        .iter()
        .map(|(route, sums)| ("", route.as_str(), sums.clone()))
        .collect();
    counted(page, &of::HTTP_REQUESTS, ["", "route"], &sums);
    let durations = sums
        .iter()
        .map(|(_, route, sums)| (vec![("route", *route)], sums.durations()));
    page.durations(&of::HTTP_DURATION, durations);
}

/// How many ended how. The first label is left out where it has no name.
fn counted(
    page: &mut Exposition,
    family: &spacewatch_telemetry::Family,
    [first, second]: [&'static str; 2],
    sums: &[(&str, &str, Sums)],
) {
    let counts: Vec<_> = sums
        .iter()
        .flat_map(|(one, other, sums)| {
            let codes = sums.codes().iter();
            codes.map(move |(code, count)| (*one, *other, code.label(), *count))
        })
        .collect();
    let samples = counts.iter().map(|(one, other, code, count)| {
        let labels = [(first, *one), (second, *other), ("code", code.as_str())];
        let named = labels.into_iter().filter(|(name, _)| !name.is_empty());
        (named.collect(), as_float(*count))
    });
    page.numbers(family, samples);
}

fn counters(page: &mut Exposition, counters: &Counters) {
    let counted = counters.snapshot();
    for (family, count) in [
        (&of::TOOL_REQUESTS, counted.tool_requests),
        (&of::ASSISTANT_QUESTIONS, counted.chat_requests),
        (&of::ASSISTANT_MODEL_REQUESTS, counted.agent_calls),
        (&of::ASSISTANT_MODEL_FAILURES, counted.agent_failures),
        (&of::BUCKET_LISTS, counted.bucket_cache_refreshes),
    ] {
        page.number(family, as_float(count));
    }
}

/// Prometheus counts in floating point.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn as_float(count: u64) -> f64 {
    count as f64
}
