//! Text and figures as the page shows them.

use std::fmt::{self, Display, Write};

use spacewatch_model::{ByteSize, OneLine};

/// Text from anywhere: on one line, and never markup.
pub(super) struct Text<'a>(pub(super) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", OneLine(self.0))
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.write_str("&amp;")?,
                '<' => self.0.write_str("&lt;")?,
                '>' => self.0.write_str("&gt;")?,
                '"' => self.0.write_str("&quot;")?,
                '\'' => self.0.write_str("&#39;")?,
                c => self.0.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A number with a comma between thousands.
pub(super) struct Count(pub(super) u64);

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_char(',')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

/// A number in three significant digits: `12.3 k`.
pub(super) struct Short(pub(super) u64);

impl Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 10_000 {
            return Count(self.0).fmt(f);
        }
        let mut value = self.0 as f64 / 1000.0;
        let mut units = [" k", " M", " G", " T", " P", " E"].into_iter();
        let mut unit = units.next().unwrap_or_default();
        while value >= 999.5 {
            let Some(next) = units.next() else { break };
            value /= 1000.0;
            unit = next;
        }
        let decimals = match value {
            v if v < 9.995 => 2,
            v if v < 99.95 => 1,
            _ => 0,
        };
        write!(f, "{value:.decimals$}{unit}")
    }
}

/// A size in binary units.
pub(super) struct Bytes(pub(super) u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ByteSize(self.0).fmt(f)
    }
}

/// A part of a whole, in percent.
pub(super) struct Share {
    pub(super) part: u64,
    pub(super) whole: u64,
}

impl Share {
    /// The part of 100.
    pub(super) fn percent(&self) -> f64 {
        if self.whole == 0 {
            return 0.0;
        }
        self.part as f64 * 100.0 / self.whole as f64
    }
}

impl Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.percent() {
            _ if self.part == 0 => f.write_str("0 %"),
            percent if percent < 0.01 => f.write_str("&lt; 0.01 %"),
            percent if percent < 0.995 => write!(f, "{percent:.2} %"),
            percent => write!(f, "{percent:.1} %"),
        }
    }
}

/// A time, if there is one.
pub(super) struct Milliseconds(pub(super) Option<u64>);

impl Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("–"),
            Some(milliseconds) if milliseconds < 1_000 => write!(f, "{milliseconds} ms"),
            Some(milliseconds) if milliseconds < 99_950 => write!(f, "{:.1} s", milliseconds as f64 / 1000.0),
            Some(milliseconds) => write!(f, "{} s", Count(milliseconds / 1000)),
        }
    }
}

/// `2026-11-13T04:00:00Z` without what everybody knows.
pub(super) fn moment(instant: &str) -> String {
    instant.trim_end_matches('Z').replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        let shown = Text("<script>alert('x')</script>\n\"&\u{202e}\u{1b}[31m").to_string();
        assert_eq!(
            shown,
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\n&quot;&amp;\\u{202e}\\u{1b}[31m"
        );
    }

    #[test]
    fn figures() {
        assert_eq!(Count(1_234_567).to_string(), "1,234,567");
        assert_eq!(
            [9_999, 10_000, 999_499, 1_000_000].map(|n| Short(n).to_string()),
            ["9,999", "10.0 k", "999 k", "1.00 M"]
        );
        assert_eq!(Short(u64::MAX).to_string(), "18.4 E");
        assert_eq!(Share { part: 1, whole: 3 }.to_string(), "33.3 %");
        assert_eq!(
            Share {
                part: 1,
                whole: 1_000_000
            }
            .to_string(),
            "&lt; 0.01 %"
        );
        assert_eq!(Share { part: 0, whole: 0 }.to_string(), "0 %");
        assert_eq!(
            [None, Some(7), Some(1_234), Some(1_234_567)].map(|ms| Milliseconds(ms).to_string()),
            ["–", "7 ms", "1.2 s", "1,234 s"]
        );
        assert_eq!(moment("2026-11-13T04:00:00Z"), "2026-11-13 04:00:00");
    }
}
