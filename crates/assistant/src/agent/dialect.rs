//! How an endpoint wants to be spoken to: found out from what it refuses.

use serde_json::Value;
use serde_json::value::RawValue;

use super::failure::AgentFailure;
use super::wire::{Message, Request};

/// Tokens of one reply.
const MAX_REPLY_TOKENS: u32 = 2_048;

/// How tools are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Calling {
    /// Not known yet; the endpoint's own way is tried first.
    #[default]
    Unknown,
    /// The endpoint knows tools.
    Native,
    /// Each reply is one JSON object.
    OneObject,
}

/// What is known of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) calling: Calling,
    /// The length of a reply is bounded by `max_completion_tokens`, not by the older `max_tokens`.
    newer_limit: bool,
    /// The endpoint takes a temperature.
    temperature: bool,
    /// The endpoint can hold a model to the form of a reply.
    form: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            calling: Calling::Unknown,
            newer_limit: false,
            temperature: true,
            form: true,
        }
    }
}

impl Dialect {
    /// The same, of an endpoint that was seen to call so.
    pub(super) fn that(self, calling: Calling) -> Self {
        Self { calling, ..self }
    }

    pub(super) fn request<'a>(
        self,
        model: Option<&'a str>,
        messages: &'a [Message],
        tools: Option<&'a RawValue>,
        form: Option<&'a Value>,
    ) -> Request<'a> {
        Request {
            model,
            messages,
            stream: true,
            tools,
            max_tokens: (!self.newer_limit).then_some(MAX_REPLY_TOKENS),
            max_completion_tokens: self.newer_limit.then_some(MAX_REPLY_TOKENS),
            temperature: self.temperature.then_some(0),
            response_format: form.filter(|_| self.form),
        }
    }

    /// What to try instead, after the endpoint refused a request; nothing if another way of saying it won't help.
    pub(super) fn instead(self, failure: &AgentFailure) -> Option<Self> {
        let one_object = Self {
            calling: Calling::OneObject,
            ..self
        };
        let (status, detail) = match failure {
            AgentFailure::Refused { status, detail } => (status, detail),
            // It was told of tools, or not, and got nowhere.
            AgentFailure::Repeats if self.calling == Calling::Unknown => return Some(one_object),
            _ => return None,
        };
        let says = |word: &str| detail.to_ascii_lowercase().contains(word);
        let refuses_form = matches!(status, 400 | 415 | 422);
        if refuses_form && !self.newer_limit && (says("max_tokens") || says("max_completion_tokens")) {
            return Some(Self {
                newer_limit: true,
                ..self
            });
        }
        if refuses_form && self.temperature && says("temperature") {
            return Some(Self {
                temperature: false,
                ..self
            });
        }
        let names_tools = says("tool") || says("function");
        let refuses_tools = refuses_form || (names_tools && matches!(status, 200 | 404 | 405 | 500 | 501));
        if self.calling == Calling::OneObject && self.form && refuses_form {
            return Some(Self { form: false, ..self });
        }
        (self.calling == Calling::Unknown && refuses_tools).then_some(one_object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, detail: &str) -> AgentFailure {
        AgentFailure::Refused {
            status,
            detail: detail.to_owned(),
        }
    }

    #[test]
    fn another_way_is_tried_only_where_it_may_help() {
        let first = Dialect::default();
        let limit = first
            .instead(&refused(
                400,
                "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'",
            ))
            .unwrap();
        assert_eq!((limit.newer_limit, limit.calling), (true, Calling::Unknown));
        assert!(
            !limit
                .instead(&refused(400, "'temperature' does not support 0"))
                .unwrap()
                .temperature
        );
        for refusal in [
            refused(400, "this model does not support tools"),
            refused(422, ""),
            refused(500, "tools param requires --jinja flag"),
        ] {
            assert_eq!(first.instead(&refusal).unwrap().calling, Calling::OneObject);
        }
        for other in [
            refused(401, "no tools for you"),
            refused(404, "no such model"),
            refused(500, "oops"),
            AgentFailure::Empty,
        ] {
            assert_eq!(first.instead(&other), None);
        }
        let one_object = Dialect {
            calling: Calling::OneObject,
            ..first
        };
        let formless = one_object
            .instead(&refused(400, "response_format is not supported"))
            .unwrap();
        assert!(!formless.form && formless.instead(&refused(400, "")).is_none());
        assert_eq!(first.instead(&AgentFailure::Repeats), Some(one_object));
        let native = Dialect {
            calling: Calling::Native,
            ..first
        };
        assert_eq!(native.instead(&refused(400, "context length exceeded")), None);
    }
}
