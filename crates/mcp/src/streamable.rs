//! The protocol over HTTP, as one answer to one request.
//!
//! Every request brings its own keys, so every request is served by itself; a session is only a name that is bound to them. Nothing
//! is pushed unasked, so there is no stream that stays open: a call's answer is a stream that ends with its result.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, ErrorData, JsonRpcError, ProtocolVersion,
    RequestId,
};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::Value;
use serde_json::error::Category;
use spacewatch_assistant::Toolbox;
use spacewatch_model::Clock;

use crate::handler::{Config, Handler};
use crate::sessions::{Call, Caller, NoCall, SessionBounds, Sessions};

/// What an answer is made of.
pub type AnswerBody = BoxBody<Bytes, Infallible>;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Bytes of a request's id where it is a text.
const MAX_ID: usize = 256;

/// Answers clients over HTTP. Who they are, and what they may reach, is for the caller to say.
#[derive(Debug)]
pub struct Streamable {
    sessions: Arc<Sessions>,
}

/// Why a message is not answered by the protocol.
struct Refusal {
    status: StatusCode,
    error: ErrorData,
}

impl Refusal {
    fn invalid(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: ErrorData::invalid_request(detail.into(), None),
        }
    }

    fn told(self, id: Option<RequestId>) -> Response<AnswerBody> {
        refused(self.status, id, self.error)
    }

    /// The same whether there never was such a session, it ended, or it is somebody else's.
    fn no_session() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::invalid("there is no such session; begin with `initialize`")
        }
    }
}

impl From<NoCall> for Refusal {
    fn from(why: NoCall) -> Self {
        match why {
            NoCall::Session => Self::no_session(),
            NoCall::Known => Self::invalid("a call with this id is under way in this session"),
            NoCall::TooMany => Self {
                status: StatusCode::TOO_MANY_REQUESTS,
                ..Self::invalid("too many calls are under way in this session")
            },
        }
    }
}

/// What a message is about, as far as it matters before it is answered.
enum Matter {
    Initialize,
    Call(RequestId),
    Cancel(Option<RequestId>),
    Other,
}

impl Matter {
    fn of(message: &ClientJsonRpcMessage) -> Self {
        match message {
            ClientJsonRpcMessage::Request(asked) => match &asked.request {
                ClientRequest::InitializeRequest(_) => Self::Initialize,
                ClientRequest::CallToolRequest(_) => Self::Call(asked.id.clone()),
                _ => Self::Other,
            },
            ClientJsonRpcMessage::Notification(told) => match &told.notification {
                ClientNotification::CancelledNotification(cancelled) => {
                    Self::Cancel(cancelled.params.request_id.clone())
                }
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

impl Streamable {
    /// With no session yet.
    pub fn new(clock: Arc<dyn Clock>, bounds: SessionBounds) -> Self {
        Self {
            sessions: Arc::new(Sessions::new(clock, bounds)),
        }
    }

    /// Answers a message that was sent by `POST`. The keys in the request are the caller's: nothing of them is kept or passed on.
    pub async fn answer(
        &self,
        request: Request<Bytes>,
        caller: Caller,
        toolbox: Arc<dyn Toolbox>,
        config: Config,
    ) -> Response<AnswerBody> {
        let (parts, body) = request.into_parts();
        let message = match parse(&body) {
            Ok(message) => message,
            Err(refusal) => return refusal.told(None),
        };
        let matter = Matter::of(&message);
        let call = match self.admit(&parts.headers, &matter, &caller) {
            Ok(call) => call,
            Err(refusal) => return refusal.told(id(message)),
        };
        let mut handler = Handler::new(toolbox, config);
        if let Some(call) = call {
            handler = handler.within(call);
        }
        let mut asked = Request::new(Full::new(body));
        *asked.method_mut() = parts.method;
        *asked.uri_mut() = parts.uri;
        *asked.headers_mut() = of_the_protocol(&parts.headers);
        let answer = service(handler, matches!(matter, Matter::Call(_)))
            .handle(asked)
            .await;
        let answer = explained(answer, id(message)).await;
        match matter {
            Matter::Initialize => self.opened(answer, caller).await,
            _ => answer,
        }
    }

    /// Ends the session that a `DELETE` names.
    pub fn end(&self, headers: &HeaderMap, caller: &Caller) -> Response<AnswerBody> {
        let ended = match session(headers) {
            Ok(Some(name)) if self.sessions.end(name, &caller.tenant) => {
                let mut response = Response::default();
                *response.status_mut() = StatusCode::NO_CONTENT;
                return response;
            }
            Ok(Some(_)) => Refusal::no_session(),
            Ok(None) => Refusal::invalid("the header `Mcp-Session-Id` is missing"),
            Err(refusal) => refusal,
        };
        ended.told(None)
    }

    /// Lets a message in: it needs no session, or its session is the caller's.
    fn admit(&self, headers: &HeaderMap, matter: &Matter, caller: &Caller) -> Result<Option<Call>, Refusal> {
        let session = match session(headers)? {
            _ if matches!(matter, Matter::Initialize) => return Ok(None),
            Some(name) => name,
            None if without_sessions(headers) => return Ok(None),
            None => {
                return Err(Refusal::invalid(
                    "the header `Mcp-Session-Id` is missing; `initialize` answers with it",
                ));
            }
        };
        if !self.sessions.touch(session, &caller.tenant) {
            return Err(Refusal::no_session());
        }
        match matter {
            Matter::Call(id) => Ok(Some(self.sessions.begin(session, &caller.tenant, id)?)),
            Matter::Cancel(Some(id)) => {
                self.sessions.cancel(session, &caller.tenant, id);
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Names a session in the answer to `initialize`, where that went well.
    async fn opened(&self, answer: Response<AnswerBody>, caller: Caller) -> Response<AnswerBody> {
        let (mut parts, body) = answer.into_parts();
        let body = whole(body).await;
        let went_well = serde_json::from_slice::<Value>(&body).is_ok_and(|told| told.get("result").is_some());
        if parts.status.is_success()
            && went_well
            && let Ok(name) = HeaderValue::try_from(self.sessions.open(caller))
        {
            parts.headers.insert(SESSION, name);
        }
        Response::from_parts(parts, Full::new(body).boxed())
    }
}

/// A refusal in the form of the protocol.
pub fn forbidden(detail: &str) -> Response<AnswerBody> {
    refused(
        StatusCode::FORBIDDEN,
        None,
        ErrorData::invalid_request(detail.to_owned(), None),
    )
}

fn refused(status: StatusCode, id: Option<RequestId>, error: ErrorData) -> Response<AnswerBody> {
    let body = serde_json::to_vec(&JsonRpcError::new(id, error)).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// The protocol's own machinery for one message. Hosts, origins, lengths and sessions were looked at before.
fn service(handler: Handler, is_call: bool) -> StreamableHttpService<Handler, NeverSessionManager> {
    // A call may take minutes: its answer is a stream, so that the connection is seen to be alive.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(!is_call)
        .with_max_request_body_bytes(usize::MAX)
        .disable_allowed_hosts()
        .disable_allowed_origins();
    StreamableHttpService::new(move || Ok(handler.clone()), Arc::default(), config)
}

/// The headers that the protocol knows. Keys are not among them.
fn of_the_protocol(headers: &HeaderMap) -> HeaderMap {
    let known = |name: &HeaderName| {
        [ACCEPT, CONTENT_TYPE, HOST].contains(name) || (name.as_str().starts_with("mcp-") && *name != SESSION)
    };
    let headers = headers.iter().filter(|(name, _)| known(name));
    headers
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn parse(body: &[u8]) -> Result<ClientJsonRpcMessage, Refusal> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Refusal::invalid(
            "send one message at a time: there are no batches in the protocol",
        ));
    }
    let message: ClientJsonRpcMessage =
        serde_json::from_slice(body).map_err(|error| match error.classify() {
            Category::Data => Refusal::invalid("this is JSON, but no message of the protocol"),
            _ => Refusal {
                status: StatusCode::BAD_REQUEST,
                error: ErrorData::parse_error("the body is no JSON", None),
            },
        })?;
    match &message {
        ClientJsonRpcMessage::Request(asked) if is_long(&asked.id) => {
            Err(Refusal::invalid(format!("the id is longer than {MAX_ID} bytes")))
        }
        _ => Ok(message),
    }
}

fn id(message: ClientJsonRpcMessage) -> Option<RequestId> {
    match message {
        ClientJsonRpcMessage::Request(asked) => Some(asked.id),
        _ => None,
    }
}

fn is_long(id: &RequestId) -> bool {
    matches!(id, RequestId::String(text) if text.len() > MAX_ID)
}

fn session(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut names = headers.get_all(SESSION).iter();
    let first = names.next();
    if names.next().is_some() {
        return Err(Refusal::invalid(
            "the header `Mcp-Session-Id` is given more than once",
        ));
    }
    // A name that is no text is none that was ever given.
    first
        .map(|name| name.to_str().map_err(|_| Refusal::no_session()))
        .transpose()
}

/// Since 2026-07-28 the protocol has no sessions: everything a request needs comes with it. The header is checked against the message later.
fn without_sessions(headers: &HeaderMap) -> bool {
    let version = headers.get(VERSION).and_then(|version| version.to_str().ok());
    version.is_some_and(|version| version >= ProtocolVersion::V_2026_07_28.as_str())
}

/// A failure that was told in plain text, in the form of the protocol.
async fn explained(answer: Response<AnswerBody>, id: Option<RequestId>) -> Response<AnswerBody> {
    let failed = answer.status().is_client_error() || answer.status().is_server_error();
    if !failed || answer.headers().get(CONTENT_TYPE) == Some(&JSON) {
        return answer;
    }
    let status = answer.status();
    let text = whole(answer.into_body()).await;
    let text = String::from_utf8_lossy(&text).into_owned();
    refused(status, id, ErrorData::invalid_request(text, None))
}

async fn whole(body: AnswerBody) -> Bytes {
    match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(never) => match never {},
    }
}
