//! What an operation means for the figures, looked up once per operation.

use spacewatch_access_log::Operation;

use crate::words::Words;

/// The facts about one operation name.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    pub(crate) is_request: bool,
    /// An object, a part or a form upload: the object's size is what was uploaded.
    pub(crate) is_upload: bool,
    /// An object read through the API (a website's reads are public on purpose).
    pub(crate) is_object_read: bool,
}

/// Operations by number, with their facts.
#[derive(Debug)]
pub(crate) struct Operations {
    pub(crate) names: Words,
    facts: Vec<Facts>,
}

/// Stores know some hundred; more are made up.
const MOST: usize = 1_000;

impl Operations {
    pub(crate) fn new() -> Self {
        Self {
            names: Words::new(MOST),
            facts: vec![Facts::default()],
        }
    }

    /// The number of an operation, and its facts.
    #[inline]
    pub(crate) fn number(&mut self, operation: Operation<'_>) -> (u32, Facts) {
        let number = self.names.number(operation.as_bytes());
        if number == crate::words::OTHER {
            return (number, facts_of(operation));
        }
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(facts) = self.facts.get(at) {
            return (number, *facts);
        }
        let facts = facts_of(operation);
        self.facts.push(facts);
        (number, facts)
    }
}

fn facts_of(operation: Operation<'_>) -> Facts {
    let name = operation.as_bytes();
    Facts {
        is_request: operation.is_request(),
        is_upload: matches!(
            name,
            b"REST.PUT.OBJECT"
                | b"REST.PUT.PART"
                | b"REST.POST.OBJECT"
                | b"REST.S3_PUT_OBJECT"
                | b"REST.S3_UPLOAD_PART"
                | b"SOAP.PUT.OBJECT"
        ),
        is_object_read: matches!(name, b"REST.GET.OBJECT" | b"REST.S3_GET_OBJECT"),
    }
}
