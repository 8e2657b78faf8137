//! The way to a model: one request, answered in pieces or as a whole, tried again where that may help.

use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt, TryStreamExt, stream};
use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use rustls::{ClientConfig, RootCertStore};
use sse_stream::SseStream;

use super::AgentConfig;
use super::failure::AgentFailure;
use super::reading::{MAX_WIRE, Reading, Reply, message_of};
use super::wire::Request;

/// Bytes of what an endpoint says about a failure that are read.
const MAX_REFUSAL: usize = 16 << 10;
/// White space before a reply.
const MAX_BLANK: usize = 4 << 10;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_CONNECTIONS: usize = 16;
/// The wait before the second try; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// An endpoint that wants more time than this gets no second try.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// What is told of the text that comes.
pub(super) type Tell<'a> = dyn FnMut(&str) + Send + 'a;

/// An endpoint, and the connections to it.
#[derive(Debug)]
pub(super) struct Endpoint {
    client: Client,
    url: Url,
    config: AgentConfig,
}

impl Endpoint {
    /// No proxy of the environment is used and no redirect followed: the key goes to the address that was configured and nowhere else.
    pub(super) fn new(config: AgentConfig) -> Result<Self, AgentFailure> {
        let unusable = |error: &dyn std::error::Error| AgentFailure::Configuration(error.to_string());
        let url = Url::parse(&config.url).map_err(|error| unusable(&error))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls(url.scheme() == "https")?)
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .user_agent(concat!("spacewatch/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| unusable(&error))?;
        Ok(Self { client, url, config })
    }

    pub(super) fn config(&self) -> &AgentConfig {
        &self.config
    }

    /// Asks, and tries again where the endpoint is busy or away, but not once anything was said.
    pub(super) async fn ask(
        &self,
        request: &Request<'_>,
        tell: &mut Tell<'_>,
    ) -> Result<Reply, AgentFailure> {
        let body =
            serde_json::to_vec(request).map_err(|_| AgentFailure::Unreadable("the question is no JSON"))?;
        let patience = self.config.timeout;
        let answered = tokio::time::timeout(patience, self.ask_patiently(body.into(), tell)).await;
        answered.unwrap_or(Err(AgentFailure::TimedOut(patience)))
    }

    async fn ask_patiently(&self, body: bytes::Bytes, tell: &mut Tell<'_>) -> Result<Reply, AgentFailure> {
        let mut tried = 0;
        loop {
            let pause = match self.send(body.clone()).await {
                Ok(response) if response.status().is_success() => return read(response, tell).await,
                Ok(response) if may_pass(response.status()) && tried < self.config.retries => {
                    match wanted_pause(&response) {
                        Some(pause) if pause > LONGEST_PAUSE => return Err(refusal(response).await),
                        wanted => wanted.unwrap_or_else(|| pause(tried)),
                    }
                }
                Ok(response) => return Err(refusal(response).await),
                Err(_) if tried < self.config.retries => pause(tried),
                Err(error) => {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "the model could not be reached"
                    );
                    return Err(AgentFailure::Unreachable);
                }
            };
            tried += 1;
            tokio::time::sleep(pause).await;
        }
    }

    async fn send(&self, body: bytes::Bytes) -> reqwest::Result<Response> {
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream, application/json")
            .body(body);
        if let Some(key) = &self.config.key {
            request = request.bearer_auth(key.expose());
        }
        request.send().await
    }
}

/// TLS with ring, and the certificates of this machine where they are needed.
fn tls(needed: bool) -> Result<ClientConfig, AgentFailure> {
    let mut roots = RootCertStore::empty();
    if needed {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| AgentFailure::Configuration(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Whether a second try may go better.
fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502..=504 | 529)
}

/// Longer from try to try, and not the same for everybody who was turned away.
fn pause(tried: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << tried.min(6))
        .mul_f64(0.5 + fastrand::f64())
}

fn wanted_pause(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

async fn refusal(response: Response) -> AgentFailure {
    let status = response.status().as_u16();
    let mut said = Vec::new();
    let mut pieces = Box::pin(pieces(response, MAX_REFUSAL));
    while let Some(Ok(piece)) = pieces.next().await {
        said.extend_from_slice(&piece);
    }
    let detail = match serde_json::from_slice(&said) {
        Ok(error) => message_of(&error),
        // A page for people says nothing here.
        Err(_) if said.trim_ascii_start().starts_with(b"<") => String::new(),
        Err(_) => String::from_utf8_lossy(&said).into_owned(),
    };
    AgentFailure::Refused { status, detail }
}

/// The body, as far as it is read at all.
fn pieces(response: Response, most: usize) -> impl Stream<Item = Result<bytes::Bytes, AgentFailure>> {
    stream::try_unfold((response, 0_usize), move |(mut response, read)| async move {
        let Some(piece) = response.chunk().await.map_err(|_| AgentFailure::Unreachable)? else {
            return Ok(None);
        };
        let read = read.saturating_add(piece.len());
        if read > most {
            return Err(AgentFailure::TooLong(most));
        }
        Ok(Some((piece, (response, read))))
    })
}

/// Reads a reply. Endpoints that were asked to stream and don't are understood by what they send, not by what they call it.
async fn read(response: Response, tell: &mut Tell<'_>) -> Result<Reply, AgentFailure> {
    let mut pieces = Box::pin(pieces(response, MAX_WIRE));
    let mut begun = Vec::new();
    while begun.trim_ascii_start().is_empty() {
        let Some(piece) = pieces.try_next().await? else {
            return Err(AgentFailure::Empty);
        };
        begun.extend_from_slice(&piece);
        if begun.len() > MAX_BLANK && begun.trim_ascii_start().is_empty() {
            return Err(AgentFailure::Empty);
        }
    }
    let mut reading = Reading::default();
    if begun.trim_ascii_start().starts_with(b"{") {
        while let Some(piece) = pieces.try_next().await? {
            begun.extend_from_slice(&piece);
        }
        let text = String::from_utf8_lossy(&begun);
        tell(&reading.piece(&text)?);
        return Ok(reading.done());
    }
    let whole = stream::iter([Ok(bytes::Bytes::from(begun))]).chain(pieces);
    read_events(whole, reading, tell).await
}

async fn read_events(
    pieces: impl Stream<Item = Result<bytes::Bytes, AgentFailure>>,
    mut reading: Reading,
    tell: &mut Tell<'_>,
) -> Result<Reply, AgentFailure> {
    let mut events = Box::pin(SseStream::from_bytes_stream(pieces));
    let mut any = false;
    while let Some(event) = events.next().await {
        let Some(data) = event.map_err(broken)?.data else {
            continue;
        };
        any = true;
        if data.trim() == "[DONE]" {
            break;
        }
        tell(&reading.piece(&data)?);
    }
    if any {
        Ok(reading.done())
    } else {
        Err(AgentFailure::Unreadable(
            "it is neither JSON nor a stream of events",
        ))
    }
}

fn broken(error: sse_stream::Error) -> AgentFailure {
    let unreadable = AgentFailure::Unreadable("the stream of events is broken");
    match error {
        sse_stream::Error::Body(error) => error.downcast().map_or(unreadable, |failure| *failure),
        _ => unreadable,
    }
}
