use aws_credential_types::Credentials;

/// The access key the stand-ins are called with. It opens nothing outside this machine.
pub const ACCESS_KEY: &str = "local";
/// The secret beside [`ACCESS_KEY`]; the S3 stand-in verifies signatures made with it.
pub const SECRET_KEY: &str = "local-only";
/// The region of every client made here.
pub const REGION: &str = "us-east-1";

pub(crate) fn credentials() -> Credentials {
    Credentials::from_keys(ACCESS_KEY, SECRET_KEY, None)
}
