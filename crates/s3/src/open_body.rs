//! The body of an answer, read part by part as it is wanted.

use std::time::{Duration, Instant};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::connector::{Attempt, Measured, Meter, Trouble};

/// A body has to bring this much in the time that a whole request may take otherwise: one byte now and then is
/// no progress.
const LEAST_PROGRESS: u64 = 64 * 1024;

/// The body of an answer that is being read. Recorded once, when it ends, breaks or is dropped.
#[derive(Debug)]
pub(crate) struct OpenBody {
    body: SdkBody,
    measured: Measured,
    meter: Meter,
    /// Waited for since so many bytes last came together, and the bytes since then.
    waited: Duration,
    gathered: u64,
}

impl OpenBody {
    pub(crate) fn new(body: SdkBody, measured: Measured, meter: Meter) -> Self {
        Self {
            body,
            measured,
            meter,
            waited: Duration::ZERO,
            gathered: 0,
        }
    }

    /// The next part, or `None` at the end. Not to be asked again after the end or an error.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Trouble> {
        loop {
            let pause = self.meter.first_byte;
            let began = Instant::now();
            let frame = tokio::time::timeout(pause, self.body.frame())
                .await
                .map_err(|_| Trouble::Silent(pause))?;
            let Some(frame) = frame else { return Ok(None) };
            let Ok(data) = frame.map_err(|_| Trouble::BreaksOff)?.into_data() else {
                continue;
            };
            self.waited = self.waited.saturating_add(began.elapsed());
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
            self.measured.bytes_out = self.measured.bytes_out.saturating_add(length);
            self.gathered = self.gathered.saturating_add(length);
            if self.gathered >= LEAST_PROGRESS {
                (self.gathered, self.waited) = (0, Duration::ZERO);
            } else if self.waited > self.meter.whole {
                return Err(Trouble::Silent(self.meter.whole));
            }
            if !data.is_empty() {
                return Ok(Some(data));
            }
        }
    }

    /// Nothing more is read.
    pub(crate) fn close(self, attempt: &Attempt, trouble: Option<&Trouble>) {
        self.meter.record(attempt, &self.measured, trouble);
    }
}
