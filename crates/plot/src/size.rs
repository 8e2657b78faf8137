//! How large a picture is.

/// The width and height of a picture in pixels, each from 200 to 4000.
///
/// Letters and lines grow with pictures larger than 1000 × 600, so that a large picture is a sharper one
/// rather than one with tiny letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    width: u16,
    height: u16,
}

/// A width or height that no picture has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a picture of {width} × {height} pixels; each must be from {min} to {max}", min = Size::MIN, max = Size::MAX)]
pub struct InvalidSize {
    width: u32,
    height: u32,
}

impl Size {
    /// The least width and height.
    pub const MIN: u16 = 200;
    /// The greatest width and height.
    pub const MAX: u16 = 4000;

    /// A picture of this width and height.
    ///
    /// # Errors
    ///
    /// When one of them isn't between [`Size::MIN`] and [`Size::MAX`].
    pub fn new(width: u32, height: u32) -> Result<Self, InvalidSize> {
        let side = |pixels: u32| {
            u16::try_from(pixels)
                .ok()
                .filter(|side| (Self::MIN..=Self::MAX).contains(side))
        };
        match (side(width), side(height)) {
            (Some(width), Some(height)) => Ok(Self { width, height }),
            _ => Err(InvalidSize { width, height }),
        }
    }

    /// Pixels from left to right.
    pub fn width(self) -> u16 {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(self) -> u16 {
        self.height
    }

    /// How many pixels a unit of the layout is.
    pub(crate) fn scale(self) -> f64 {
        (f64::from(self.width) / 1000.0)
            .min(f64::from(self.height) / 600.0)
            .max(1.0)
    }
}

/// 1000 × 600.
impl Default for Size {
    fn default() -> Self {
        Self {
            width: 1000,
            height: 600,
        }
    }
}
