//! Colours of both themes.

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near black.
    Dark,
}

/// What a series is, where its colour has a meaning. The same thing has the same colour in every chart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ink {
    /// No meaning: the next colour of a palette that colour-blind people can tell apart.
    #[default]
    Next,
    /// Answers 2xx.
    Success,
    /// Answers 3xx.
    Redirect,
    /// Answers 4xx.
    ClientError,
    /// Answers 5xx.
    ServerError,
    /// The first of three strengths of one hue: p50.
    Weak,
    /// The second of three strengths: p95.
    Medium,
    /// The third of three strengths: p99.
    Strong,
    /// Everything else.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour {
    pub(crate) red: u8,
    pub(crate) green: u8,
    pub(crate) blue: u8,
}

const fn rgb(hex: u32) -> Colour {
    let [_, red, green, blue] = hex.to_be_bytes();
    Colour { red, green, blue }
}

pub(crate) struct Palette {
    pub(crate) ground: Colour,
    pub(crate) track: Colour,
    pub(crate) grid: Colour,
    pub(crate) axis: Colour,
    pub(crate) text: Colour,
    pub(crate) muted: Colour,
    pub(crate) accent: Colour,
    /// Okabe–Ito's hues; the yellow is darker on white, where it couldn't be seen.
    series: [Colour; 7],
    other: Colour,
    strengths: [Colour; 3],
    /// From little to much, evenly growing in contrast to the ground.
    heat: [Colour; 6],
}

const LIGHT: Palette = Palette {
    ground: rgb(0xff_ffff),
    track: rgb(0xf1_f3f5),
    grid: rgb(0xe6_e9ed),
    axis: rgb(0x8a_93a0),
    text: rgb(0x14_171c),
    muted: rgb(0x59_616d),
    accent: rgb(0x1d_5fd1),
    series: [
        rgb(0x00_72b2),
        rgb(0xe6_9f00),
        rgb(0x00_9e73),
        rgb(0xd5_5e00),
        rgb(0x56_b4e9),
        rgb(0xcc_79a7),
        rgb(0x8f_8500),
    ],
    other: rgb(0x8a_93a0),
    strengths: [rgb(0x5b_9bd5), rgb(0x1f_6fc0), rgb(0x0f_3a70)],
    heat: [
        rgb(0xd8_e8c4),
        rgb(0x8f_cfa0),
        rgb(0x3f_ac94),
        rgb(0x2a_7f8e),
        rgb(0x36_5185),
        rgb(0x40_1a5c),
    ],
};

const DARK: Palette = Palette {
    ground: rgb(0x14_171b),
    track: rgb(0x1d_2127),
    grid: rgb(0x27_2c33),
    axis: rgb(0x6b_7683),
    text: rgb(0xe8_ebef),
    muted: rgb(0x9b_a5b1),
    accent: rgb(0x4c_8dff),
    series: [
        rgb(0x56_b4e9),
        rgb(0xf3_c04b),
        rgb(0x1f_b68a),
        rgb(0xe0_672f),
        rgb(0x2f_86d0),
        rgb(0xdc_93ba),
        rgb(0xf0_e442),
    ],
    other: rgb(0x76_808d),
    strengths: [rgb(0x3f_78b8), rgb(0x6f_aae8), rgb(0xc3_ddf9)],
    heat: [
        rgb(0x41_2a63),
        rgb(0x3b_5288),
        rgb(0x2a_808e),
        rgb(0x2f_ab84),
        rgb(0x82_cf55),
        rgb(0xf3_e54b),
    ],
};

impl Palette {
    pub(crate) fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        }
    }

    /// The colour of the series that stands at `place`.
    pub(crate) fn ink(&self, ink: Ink, place: usize) -> Colour {
        let series = |place: usize| self.series.get(place).copied().unwrap_or(self.other);
        let [weak, medium, strong] = self.strengths;
        match ink {
            Ink::Next => series(place),
            Ink::Success => series(2),
            Ink::Redirect => series(4),
            Ink::ClientError => series(1),
            Ink::ServerError => series(3),
            Ink::Weak => weak,
            Ink::Medium => medium,
            Ink::Strong => strong,
            Ink::Other => self.other,
        }
    }

    /// The colour of a share from 0 to 1.
    pub(crate) fn heat(&self, share: f64) -> Colour {
        let steps = (self.heat.len() - 1) as f64;
        let place = share.clamp(0.0, 1.0) * steps;
        let below = place.floor().min(steps - 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list of six"
        )]
        let at = below as usize;
        match self.heat.get(at..) {
            Some([low, high, ..]) => low.towards(*high, place - below),
            _ => self.other,
        }
    }
}

impl Colour {
    /// The colour that lies `share` of the way to another.
    pub(crate) fn towards(self, other: Self, share: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between two bytes is a byte"
        )]
        let mix =
            |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
        Self {
            red: mix(self.red, other.red),
            green: mix(self.green, other.green),
            blue: mix(self.blue, other.blue),
        }
    }
}
