//! What is kept on disk: a line of JSON for each minute and each event, so that a crash costs no more than the running minute.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::MissionEvent;
use super::minutes::Minute;

/// Bytes of one line that are read.
const MAX_LINE: usize = 4 << 20;

/// Minutes and events on their way to disk or back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SavedMission {
    pub(super) minutes: Vec<Minute>,
    pub(super) events: Vec<MissionEvent>,
}

/// Why nothing could be saved.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The file.
    #[error("mission control can't be written")]
    Write(#[source] io::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Minute(Minute),
    Event(MissionEvent),
}

impl SavedMission {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.minutes.is_empty() && self.events.is_empty()
    }

    /// Writes it, a line each.
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub fn write(self, to: &mut dyn Write) -> Result<(), SavedError> {
        let minutes = self.minutes.into_iter().map(Line::Minute);
        let lines = minutes.chain(self.events.into_iter().map(Line::Event));
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, &line).map_err(|error| SavedError::Write(error.into()))?;
            text.push(b'\n');
        }
        to.write_all(&text).map_err(SavedError::Write)
    }

    /// Reads what was written. A line that a crash broke off is left out.
    pub fn read(from: &mut dyn BufRead) -> Self {
        let mut saved = Self::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            match io::Read::take(&mut *from, MAX_LINE as u64).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return saved,
                Ok(_) => match serde_json::from_slice(&line) {
                    Ok(Line::Minute(minute)) => saved.minutes.push(minute),
                    Ok(Line::Event(event)) => saved.events.push(event),
                    Err(_) => {}
                },
            }
        }
    }
}
