//! One request, as telemetry sees it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderValue, Method, Request, StatusCode};
use spacewatch_model::BucketName;
use spacewatch_telemetry::{Answered, Operation, OperationKind};

use crate::app::App;
use crate::route_table::RouteFacts;

/// nginx's word for a client that went away before its answer came.
const CLIENT_WENT_AWAY: u16 = 499;

/// Requests for mission control don't count in it.
const ADMIN: &str = "/admin/";

/// Characters of a session's name that tell sessions apart.
const MAX_SESSION: usize = 128;

/// What a request was about; a handler leaves it with its response.
#[derive(Debug, Clone)]
pub(crate) struct Subject(pub(crate) BucketName);

/// Records the request when it is dropped: after the last byte was sent, or when the client went away.
pub(super) struct Recording {
    app: Arc<App>,
    facts: RouteFacts,
    method: &'static str,
    request_id: Arc<str>,
    session: Option<Box<str>>,
    started: Instant,
    status: u16,
    bucket: Option<BucketName>,
    error: Option<String>,
    first_byte: Option<Duration>,
    bytes_out: u64,
}

impl Recording {
    pub(super) fn begin<B>(
        app: Arc<App>,
        facts: &RouteFacts,
        request: &Request<B>,
        request_id: Arc<str>,
    ) -> Self {
        let session = request.headers().get("x-session-id");
        let session = session.and_then(|session| session.to_str().ok());
        Self {
            session: session.map(|session| session.chars().take(MAX_SESSION).collect::<String>().into()),
            app,
            facts: facts.clone(),
            method: method_name(request.method()),
            request_id,
            started: Instant::now(),
            status: CLIENT_WENT_AWAY,
            bucket: None,
            error: None,
            first_byte: None,
            bytes_out: 0,
        }
    }

    pub(super) fn operation_name(&self) -> &'static str {
        self.facts.operation.as_str()
    }

    /// How long it took until now, in milliseconds with two decimals.
    pub(super) fn duration_header(&self) -> HeaderValue {
        let milliseconds = self.started.elapsed().as_secs_f64() * 1000.0;
        HeaderValue::try_from(format!("{milliseconds:.2}")).unwrap_or(HeaderValue::from_static("0.00"))
    }

    pub(super) fn failed(&mut self, detail: String) {
        self.error = Some(detail);
    }

    pub(super) fn answered(&mut self, status: StatusCode, subject: Option<Subject>) {
        self.status = status.as_u16();
        self.bucket = subject.map(|subject| subject.0);
    }

    pub(super) fn status_became(&mut self, status: u16) {
        self.status = status;
    }

    pub(super) fn sent(&mut self, bytes: u64) {
        if self.first_byte.is_none() {
            self.first_byte = Some(self.started.elapsed());
        }
        self.bytes_out += bytes;
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let operation = Operation {
            finished_at: self.app.services.clock.now(),
            kind: OperationKind::Api(self.facts.operation),
            method: self.method,
            endpoint: self.facts.endpoint.clone(),
            bucket: self.bucket.take(),
            status: self.status,
            duration: self.started.elapsed(),
            first_byte: self.first_byte,
            bytes_in: 0,
            bytes_out: self.bytes_out,
            error: self.error.take(),
            request_id: Some(self.request_id.clone()),
        };
        if !operation.endpoint.starts_with(ADMIN) {
            self.app.services.mission.record(Answered {
                route: &operation.endpoint,
                status: operation.status,
                duration: operation.duration,
                session: self.session.as_deref(),
            });
        }
        if self.facts.operation.is_storage() {
            spacewatch_telemetry::log_operation(&operation, self.app.config.slow_operation);
        }
        self.app.services.recorder.record(operation);
    }
}

fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
