use thiserror::Error;

/// Why a file is not read, or not read any further. The words are for the person who sent the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SheetError {
    /// No bytes, or only white space.
    #[error("the file is empty")]
    Empty,
    /// [`Limits::max_bytes`](crate::Limits::max_bytes).
    #[error("the file is larger than {limit} bytes")]
    FileTooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// Neither XLSX nor CSV.
    #[error("this looks like {what}; send an .xlsx workbook or a CSV file")]
    Unsupported {
        /// What the content looks like, with its article.
        what: &'static str,
    },
    /// A workbook behind a password.
    #[error("the workbook is protected by a password; save it without one")]
    Encrypted,
    /// Text in an older encoding.
    #[error("the text is not UTF-8 at line {line}, byte {offset}; save it as “CSV UTF-8”")]
    NotUtf8 {
        /// Line of the first wrong byte, from 1.
        line: usize,
        /// Place of the first wrong byte in the file, from 0.
        offset: usize,
    },
    /// A UTF-16 byte order mark, and then something else.
    #[error("the text is not UTF-16 at byte {offset}, as its byte order mark promised")]
    NotUtf16 {
        /// Place of the first wrong byte in the file, from 0.
        offset: usize,
    },
    /// A workbook that breaks its own format.
    #[error("the workbook is damaged: {detail}")]
    Damaged {
        /// Where, and how.
        detail: String,
    },
    /// Document types, entities: what XML can do and no workbook needs.
    #[error("the workbook declares XML entities, which is not allowed")]
    ForbiddenXml,
    /// More entries in the archive than any workbook needs.
    #[error("the workbook has more than {limit} parts")]
    TooManyParts {
        /// Parts allowed.
        limit: usize,
    },
    /// [`Limits::max_uncompressed_bytes`](crate::Limits::max_uncompressed_bytes).
    #[error("the workbook unpacks to more than {limit} bytes")]
    UnpacksTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// [`Limits::max_ratio`](crate::Limits::max_ratio).
    #[error("the workbook unpacks to more than {limit} times its size")]
    RatioTooHigh {
        /// Times allowed.
        limit: u64,
    },
    /// All cells together: [`Limits::max_uncompressed_bytes`](crate::Limits::max_uncompressed_bytes), or
    /// [`Limits::max_shared_bytes`](crate::Limits::max_shared_bytes) for the strings cells share.
    #[error("the cells hold more than {limit} bytes of text")]
    TooMuchText {
        /// Bytes allowed.
        limit: u64,
    },
    /// A cell so far over [`Limits::max_cell_bytes`](crate::Limits::max_cell_bytes) that it is not skipped.
    #[error("a cell holds far more than {limit} bytes of text; is a quotation mark left open?")]
    CellTooLong {
        /// Bytes allowed.
        limit: usize,
    },
    /// A quoted CSV cell that never ends.
    #[error("the quotation mark opened in row {row} is never closed")]
    UnclosedQuote {
        /// Row, as a person counts it.
        row: u32,
    },
    /// [`Limits::max_rows`](crate::Limits::max_rows).
    #[error("the sheet has more than {limit} rows")]
    TooManyRows {
        /// Rows allowed.
        limit: u32,
    },
    /// No row with anything in it.
    #[error("the sheet has no header row")]
    HeaderMissing,
    /// [`Limits::max_columns`](crate::Limits::max_columns).
    #[error("the header has more than {limit} columns")]
    HeaderTooWide {
        /// Columns allowed.
        limit: usize,
    },
    /// A column without a name, left of one that has one.
    #[error("column {column} has no name in the header")]
    HeaderEmpty {
        /// Letters of the column.
        column: String,
    },
    /// Two columns of one name.
    #[error("columns {first} and {column} have the same name in the header")]
    HeaderDuplicate {
        /// Letters of the column to the left.
        first: String,
        /// Letters of the column to the right.
        column: String,
    },
    /// An e-mail address or a long number where a name should be.
    #[error("the first row holds data in column {column}; add a header row above it")]
    HeaderLooksLikeData {
        /// Letters of the column.
        column: String,
    },
}

impl SheetError {
    /// A word for programs; stable.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::Unsupported { .. } => "unsupported_file",
            Self::Encrypted => "encrypted",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::NotUtf16 { .. } => "not_utf16",
            Self::Damaged { .. } => "damaged",
            Self::ForbiddenXml => "forbidden_xml",
            Self::TooManyParts { .. } => "too_many_parts",
            Self::UnpacksTooLarge { .. } => "unpacks_too_large",
            Self::RatioTooHigh { .. } => "ratio_too_high",
            Self::TooMuchText { .. } => "too_much_text",
            Self::CellTooLong { .. } => "cell_too_long",
            Self::UnclosedQuote { .. } => "unclosed_quote",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::HeaderMissing => "header_missing",
            Self::HeaderTooWide { .. } => "header_too_wide",
            Self::HeaderEmpty { .. } => "header_empty",
            Self::HeaderDuplicate { .. } => "header_duplicate",
            Self::HeaderLooksLikeData { .. } => "header_looks_like_data",
        }
    }

    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged { detail: detail.into() }
    }
}

/// Why one row is refused. Reading goes on below it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("row {row}, column {column}: {message}")]
pub struct RowError {
    /// Row, as a person counts it.
    pub row: u32,
    /// Letters of the column.
    pub column: String,
    /// A word for programs; stable.
    pub code: RowErrorCode,
    /// Words for the person who sent the file.
    pub message: String,
}

/// The kinds of [`RowError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowErrorCode {
    /// Text right of the last column of the header.
    TooManyColumns,
    /// A cell over [`Limits::max_cell_bytes`](crate::Limits::max_cell_bytes).
    CellTooLong,
}

impl RowErrorCode {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooManyColumns => "too_many_columns",
            Self::CellTooLong => "cell_too_long",
        }
    }
}
