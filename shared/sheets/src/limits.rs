/// What a file may cost to read. Every bound holds while streaming, whatever the file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "a limit says which end it bounds")]
pub struct Limits {
    /// Size of the file as uploaded, in bytes.
    pub max_bytes: usize,
    /// Rows below the header, refused ones included, blank ones not.
    pub max_rows: u32,
    /// Columns of the header.
    pub max_columns: usize,
    /// Text of one cell, in bytes of UTF-8. A longer cell costs its row; one eight times longer, the file.
    pub max_cell_bytes: usize,
    /// Bytes a workbook may inflate to, all parts together. Also the most text all rows together may hand
    /// out, so that one shared string cannot be multiplied by a million cells.
    pub max_uncompressed_bytes: u64,
    /// Inflated bytes for each compressed byte read so far, after a first megabyte of grace. The default
    /// is Apache POI's (`ZipSecureFile`, minimum inflate ratio 0.01).
    pub max_ratio: u64,
    /// Memory for the strings a workbook's cells share, in bytes.
    pub max_shared_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 25 << 20,
            max_rows: 100_000,
            max_columns: 200,
            max_cell_bytes: 32 << 10,
            max_uncompressed_bytes: 200 << 20,
            max_ratio: 100,
            max_shared_bytes: 32 << 20,
        }
    }
}

impl Limits {
    /// Bytes one piece of markup or one cell may have before reading stops rather than skips.
    pub(crate) fn runaway_bytes(&self) -> usize {
        self.max_cell_bytes.saturating_mul(8)
    }
}
