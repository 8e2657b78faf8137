//! Packed bytes to bytes: gzip, zstd or plain, by what they are and not by what they are called.
//!
//! An [`Unpacker`] is fed the bytes of one object in chunks of any size and gives what they unpack to, a bounded piece at a time. How much that
//! may be in all is limited: nothing that is fed takes more memory or time than its size allows for. It does no I/O and knows no log.

use std::io::Write;

use flate2::write::GzDecoder;
use zstd::stream::raw::{DParameter, Decoder, Operation};

/// The largest window that is kept for unpacking zstd: 32 MiB.
const ZSTD_WINDOW_LOG: u32 = 25;
/// Unpacked at a time.
const OUTPUT_BYTES: usize = 128 * 1024;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Behind its first byte, `50` to `5f`.
const ZSTD_SKIPPABLE: &[u8] = &[0x2a, 0x4d, 0x18];
const OTHERS: [(&[u8], &str); 7] = [
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a picture"),
    (b"%PDF", "a PDF document"),
];
const MAGIC_BYTES: usize = 5;

/// How much an object may unpack to.
#[derive(Debug, Clone, Copy)]
pub struct UnpackLimits {
    /// So much is free.
    pub free_bytes: u64,
    /// Beyond that, so many times the packed bytes.
    pub ratio: u64,
    /// Never more than this.
    pub most_bytes: u64,
}

impl Default for UnpackLimits {
    /// One line repeated packs a thousandfold, real logs ten- to thirtyfold.
    fn default() -> Self {
        Self {
            free_bytes: 1 << 30,
            ratio: 200,
            most_bytes: 256 << 30,
        }
    }
}

/// Why an object ends before its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It ends too early.
    #[error("the packed data ends in the middle, at byte {at}")]
    Truncated {
        /// Where.
        at: u64,
    },
    /// It is packed in no way that can be undone.
    #[error("the packed data is damaged at byte {at}: {cause}")]
    Corrupt {
        /// Where.
        at: u64,
        /// What the decoder says.
        cause: String,
    },
    /// It goes on with something else.
    #[error("something else follows the packed data at byte {at}")]
    Trailing {
        /// Where.
        at: u64,
    },
    /// It unpacks to far more than it should.
    #[error("it unpacks to more than {unpacked} bytes, which no log of its size does")]
    Bomb {
        /// How much may come of it.
        unpacked: u64,
    },
    /// It is something else.
    #[error("it is {0}, which is no log")]
    OtherFormat(&'static str),
    /// Whoever reads it found that it is no text.
    #[error("its content is binary, so it is no log")]
    Binary,
    /// Whoever reads it found nothing in it.
    #[error("its first {0} bytes hold no record, so it is no log")]
    NoRecords(u64),
}

impl Broken {
    /// A word that stays the same.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "truncated",
            Self::Corrupt { .. } => "corrupt",
            Self::Trailing { .. } => "trailing_data",
            Self::Bomb { .. } => "bomb",
            Self::OtherFormat(_) | Self::Binary | Self::NoRecords(_) => "not_a_log",
        }
    }
}

/// Unpacks one object, fed in chunks of any size.
pub struct Unpacker {
    state: State,
    format: &'static str,
    limits: UnpackLimits,
    packed: u64,
    unpacked: u64,
    output: Vec<u8>,
}

enum State {
    /// Too little came to tell.
    Begin(Vec<u8>),
    Plain,
    Gzip(Box<GzDecoder<Vec<u8>>>),
    /// A member of gzip is whole; perhaps another one follows.
    GzipSeam(Vec<u8>),
    Zstd {
        decoder: Decoder<'static>,
        /// Between two frames.
        seam: bool,
        /// The output was full, so there may be more.
        more: bool,
    },
    Over,
}

impl Unpacker {
    /// For one object.
    pub fn new(limits: UnpackLimits) -> Self {
        Self {
            state: State::Begin(Vec::new()),
            format: "plain",
            limits,
            packed: 0,
            unpacked: 0,
            output: Vec::new(),
        }
    }

    /// How it is packed, as far as is known.
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// Unpacked so far.
    pub fn unpacked(&self) -> u64 {
        self.unpacked
    }

    /// Whether there may be more without more input.
    pub fn has_more(&self) -> bool {
        matches!(self.state, State::Zstd { more: true, .. })
    }

    /// Takes some of the input: tells how much of it, and gives what it unpacks to, a bounded piece at a time. To be called
    /// until the input is empty and there is no more.
    pub fn step<'a>(&'a mut self, all: &'a [u8]) -> Result<(usize, &'a [u8]), Broken> {
        let mut rest = all;
        let input = &mut rest;
        if let State::Begin(held) = &mut self.state {
            let missing = MAGIC_BYTES.saturating_sub(held.len());
            take(input, missing).iter().for_each(|byte| held.push(*byte));
            let taken = all.len().saturating_sub(input.len());
            if held.len() < MAGIC_BYTES {
                return Ok((taken, &[]));
            }
            let held = std::mem::take(held);
            return self.begin(&held).map(|output| (taken, output));
        }
        self.output.clear();
        let mut plain: &[u8] = &[];
        match &mut self.state {
            State::Plain => plain = std::mem::take(input),
            State::Gzip(_) | State::GzipSeam(_) => self.gzip(input)?,
            State::Zstd { .. } => self.zstd(input)?,
            State::Begin(_) | State::Over => *input = &[],
        }
        let taken = all.len().saturating_sub(input.len());
        self.packed = self.packed.saturating_add(as_u64(taken));
        let output = if plain.is_empty() {
            self.output.as_slice()
        } else {
            plain
        };
        self.unpacked = self.unpacked.saturating_add(as_u64(output.len()));
        let free = self
            .limits
            .free_bytes
            .max(self.packed.saturating_mul(self.limits.ratio));
        if self.unpacked > free.min(self.limits.most_bytes) && !matches!(self.state, State::Plain) {
            self.state = State::Over;
            return Err(Broken::Bomb {
                unpacked: free.min(self.limits.most_bytes),
            });
        }
        Ok((taken, output))
    }

    /// After an error: what was unpacked before it and not handed on.
    pub fn salvage(&self) -> &[u8] {
        &self.output
    }

    /// The input ends here: what is left, and why it isn't whole.
    pub fn finish(&mut self) -> (&[u8], Option<Broken>) {
        self.output.clear();
        let at = self.packed;
        let broken = match std::mem::replace(&mut self.state, State::Over) {
            State::Begin(held) => {
                if held.starts_with(GZIP) {
                    Some(Broken::Truncated {
                        at: as_u64(held.len()),
                    })
                } else {
                    self.output = held;
                    None
                }
            }
            State::Gzip(mut member) => {
                let whole = member.try_finish();
                self.output.append(member.get_mut());
                // What is complete takes nothing more.
                match (whole, member.write(&[0])) {
                    (Ok(()), _) => None,
                    (Err(cause), Ok(0)) => Some(corrupt(at, &cause)),
                    (Err(_), _) => Some(Broken::Truncated { at }),
                }
            }
            State::GzipSeam(held) if held.iter().any(|byte| *byte != 0) => Some(Broken::Trailing {
                at: at.saturating_sub(as_u64(held.len())),
            }),
            State::Zstd { seam: false, .. } => Some(Broken::Truncated { at }),
            State::GzipSeam(_) | State::Zstd { .. } | State::Plain | State::Over => None,
        };
        self.unpacked = self.unpacked.saturating_add(as_u64(self.output.len()));
        (&self.output, broken)
    }

    fn begin(&mut self, held: &[u8]) -> Result<&[u8], Broken> {
        self.packed = as_u64(held.len());
        if held.starts_with(GZIP) {
            self.format = "gzip";
            self.state = State::GzipSeam(Vec::new());
            self.output.clear();
            let mut input = held;
            while !input.is_empty() {
                self.gzip(&mut input)?;
            }
        } else if held.starts_with(ZSTD) || held.get(1..4) == Some(ZSTD_SKIPPABLE) {
            self.format = "zstd";
            self.state = State::Zstd {
                decoder: zstd_decoder()?,
                seam: true,
                more: false,
            };
            self.output.clear();
            let mut input = held;
            while !input.is_empty() {
                self.zstd(&mut input)?;
            }
        } else if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| held.starts_with(magic)) {
            self.state = State::Over;
            return Err(Broken::OtherFormat(name));
        } else {
            self.state = State::Plain;
            self.output = held.to_vec();
        }
        self.unpacked = as_u64(self.output.len());
        Ok(&self.output)
    }

    fn gzip(&mut self, input: &mut &[u8]) -> Result<(), Broken> {
        let at = self.packed;
        if let State::GzipSeam(held) = &mut self.state {
            // Zeros fill the last block of a tape, and nothing else.
            while let Some(byte) = take(input, usize::from(held.len() < GZIP.len())).first() {
                if held.is_empty() && *byte == 0 {
                    continue;
                }
                held.push(*byte);
            }
            if held.len() < GZIP.len() {
                return Ok(());
            }
            if held != GZIP {
                self.state = State::Over;
                return Err(Broken::Trailing { at });
            }
            self.state = State::Gzip(Box::new(GzDecoder::new(Vec::new())));
            if let State::Gzip(member) = &mut self.state {
                member.write_all(GZIP).map_err(|cause| corrupt(at, &cause))?;
            }
        }
        let State::Gzip(member) = &mut self.state else {
            return Ok(());
        };
        let written = member.write(input);
        if let Ok(written) = written {
            take(input, written);
        }
        self.output.append(member.get_mut());
        match written {
            Ok(0) if !input.is_empty() => {
                member.try_finish().map_err(|cause| corrupt(at, &cause))?;
                self.output.append(member.get_mut());
                self.state = State::GzipSeam(Vec::new());
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(cause) => {
                self.state = State::Over;
                Err(corrupt(at, &cause))
            }
        }
    }

    fn zstd(&mut self, input: &mut &[u8]) -> Result<(), Broken> {
        let at = self.packed;
        let State::Zstd { decoder, seam, more } = &mut self.state else {
            return Ok(());
        };
        let begun = self.output.len();
        self.output.resize(begun.saturating_add(OUTPUT_BYTES), 0);
        let room = self.output.get_mut(begun..).unwrap_or_default();
        let (at_seam, room_length) = (*seam, room.len());
        match decoder.run_on_buffers(input, room) {
            Ok(status) => {
                take(input, status.bytes_read);
                if status.bytes_read > 0 || status.bytes_written > 0 {
                    *seam = status.remaining == 0;
                }
                *more = status.bytes_written == room_length;
                self.output.truncate(begun.saturating_add(status.bytes_written));
                Ok(())
            }
            Err(cause) => {
                self.output.truncate(begun);
                self.state = State::Over;
                if at_seam && at > as_u64(MAGIC_BYTES) {
                    return Err(Broken::Trailing { at });
                }
                Err(corrupt(at, &cause))
            }
        }
    }
}

fn zstd_decoder() -> Result<Decoder<'static>, Broken> {
    let made = Decoder::new().and_then(|mut decoder| {
        decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
        Ok(decoder)
    });
    made.map_err(|cause| corrupt(0, &cause))
}

fn corrupt(at: u64, cause: &std::io::Error) -> Broken {
    Broken::Corrupt {
        at,
        cause: cause.to_string(),
    }
}

/// Splits so many bytes off the front.
fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at_checked(count).unwrap_or((input, &[]));
    *input = rest;
    taken
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
