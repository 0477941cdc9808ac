//! What to do about the answer of a store that does not serve a request.

use super::failure::Operation;
use super::refusal::{Moved, Refusal};

impl Refusal {
    /// What to do about it.
    pub(super) fn help(&self, operation: Operation) -> Option<String> {
        let code = self.code.as_deref();
        code.and_then(|code| self.help_with_code(code, operation)).or_else(|| {
            match (self.status, operation) {
                (300..400, _) if self.moved.is_some() => Some(self.help_with_redirect()),
                (300..400, Operation::List) => Some(self.help_with_region()),
                _ => self.help_with_status(operation).map(str::to_owned),
            }
        })
    }

    fn help_with_code(&self, code: &str, operation: Operation) -> Option<String> {
        Some(match code {
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "Redirect"
            | "AuthorizationHeaderMalformed"
            | "AuthorizationQueryParametersError"
            | "IllegalLocationConstraintException"
            | "InvalidLocationConstraint"
            | "InvalidRegion"
            | "InvalidRegionName" => self.help_with_redirect(),
            "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => {
                self.help_with_clock()
            }
            "AccessDenied" => self.help_with_permission(operation),
            "NoSuchKey" if operation == Operation::List => {
                "the endpoint has to be the server alone, without a path".to_owned()
            }
            // Azurite calls it so.
            "AuthorizationFailure" if self.says("failed to authenticate") => {
                help_with_code("AuthenticationFailed")?.to_owned()
            }
            _ => help_with_code(code)?.to_owned(),
        })
    }

    /// A redirect of S3 is about the region of the bucket. Any other is not followed to another origin: a request of a
    /// store may carry credentials.
    fn help_with_redirect(&self) -> String {
        match &self.moved {
            _ if self.region().is_some() || self.endpoint.is_some() => self.help_with_region(),
            Some(Moved::Elsewhere(origin)) => format!(
                "it redirects to another origin, `{origin}`, where no credential is sent: write the URL or the endpoint \
                 of the store as it is there"
            ),
            Some(Moved::TooOften) => {
                "it redirects too often within its origin, as in a loop".to_owned()
            }
            None => self.help_with_region(),
        }
    }

    fn help_with_region(&self) -> String {
        let is_known = self.region().is_some() || self.endpoint.is_some();
        let is_elsewhere = is_known && matches!(self.status, 300..400);
        let why = if is_elsewhere { "the bucket is in another region: " } else { "" };
        match (self.region(), &self.endpoint) {
            (Some(region), _) => format!("{why}set `aws_region` to `{region}`"),
            (None, Some(endpoint)) => format!(
                "{why}set `aws_region` to the region of the bucket, which is served at `{endpoint}`"
            ),
            (None, None) => "set `aws_region` to the region of the bucket".to_owned(),
        }
    }

    /// The region that the server expects: as an element, or in its message.
    fn region(&self) -> Option<&str> {
        let in_message = || {
            let (_, rest) = self.message.as_deref()?.split_once("expecting ")?;
            let region = rest.split(['\'', '"']).nth(1)?;
            (!region.is_empty()).then_some(region)
        };
        self.region.as_deref().or_else(in_message)
    }

    fn help_with_clock(&self) -> String {
        let server = match &self.server_time {
            Some(time) => format!(", which says that it is {time}"),
            None => String::new(),
        };
        format!("correct the clock of this machine: it differs from that of the server{server}")
    }

    fn help_with_permission(&self, operation: Operation) -> String {
        let help = match operation {
            _ if self.says("kms") => {
                "the credentials have to allow `kms:Decrypt` with the key of the object"
            }
            _ if self.says("expired") => {
                "renew the credentials, or correct the clock of this machine"
            }
            _ if self.says("storage.objects.") => {
                "grant the role `roles/storage.objectViewer` on the bucket"
            }
            Operation::Read => "the credentials have to allow `s3:GetObject` on the object",
            Operation::List | Operation::Propfind => {
                "the credentials have to allow `s3:ListBucket` on the bucket"
            }
        };
        help.to_owned()
    }

    /// Whether its message has this text, which is in lower case.
    fn says(&self, text: &str) -> bool {
        self.message.as_deref().is_some_and(|message| message.to_ascii_lowercase().contains(text))
    }

    fn help_with_status(&self, operation: Operation) -> Option<&'static str> {
        Some(match (self.status, operation) {
            (403, Operation::Propfind) if self.refuses_depth => {
                "the server does not allow `Depth: infinity`, by which the folder is listed; allow it there, in Apache \
                 with `DavDepthInfinity On`"
            }
            (403, Operation::Propfind) => {
                "the server refuses to list the folder: it may not allow `Depth: infinity` (in Apache, allow it with \
                 `DavDepthInfinity On`), or it may want credentials"
            }
            (401 | 407, Operation::Propfind) => {
                "the server wants credentials, which a declaration of a WebDAV server cannot hold: build the store \
                 with `CheckedConnector::with_client` and a client that sends them"
            }
            (405 | 501, Operation::Propfind) => {
                "there is no WebDAV at this URL: check its path, and that the server has WebDAV enabled there (in \
                 Apache, `Dav On`)"
            }
            (400, Operation::Propfind) => "is there a WebDAV server at this URL?",
            (405 | 501, Operation::List) => {
                "the server does not know this way of listing: is the endpoint that of an object store?"
            }
            (401, _) => "credentials are missing or were rejected",
            (403, _) => "credentials are missing, were rejected, or do not allow it",
            (404, Operation::List) => "check the bucket in the URL, and the endpoint",
            (404, Operation::Propfind) => "check the folder in the URL",
            (300..400, _) => "write the URL that the server redirects to",
            _ => return None,
        })
    }
}

/// What to do about a code that leaves no doubt.
fn help_with_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "NoSuchBucket" => {
            "check the bucket in the URL, and that the endpoint and the account are those of the bucket"
        }
        "InvalidBucketName" => "check the bucket in the URL",
        "SignatureDoesNotMatch" => {
            "check `aws_secret_access_key`: it does not belong to `aws_access_key_id`, or something in between changes \
             the request"
        }
        "InvalidAccessKeyId" | "XAdminUserNotFound" | "InvalidClientTokenId" => {
            "check `aws_access_key_id`: the server does not know it; is it one of another endpoint?"
        }
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            "renew the credentials; declared with `file`, they are read again once they are refused"
        }
        "InvalidToken" | "InvalidSecurityToken" => {
            "check `aws_session_token`: it has to be the one of `aws_access_key_id`; leave it out where the key is \
             not a temporary one"
        }
        "NotSignedUp" | "AccountProblem" | "AllAccessDisabled" | "AccountIsDisabled" => {
            "the account of the store is not active"
        }
        "InvalidObjectState" | "BlobArchived" => {
            "the object is archived: restore it, or leave it out with `exclude`"
        }
        "UserProjectMissing" | "UserProjectAccessDenied" => {
            "the bucket makes who reads it pay, and no project is named: let its owner pay"
        }
        "AuthenticationRequired"
        | "Unauthorized"
        | "invalid_grant"
        | "invalid_client"
        | "unauthorized_client" => "credentials are missing or were rejected",
        "ContainerNotFound" | "ContainerBeingDeleted" | "ContainerDisabled" => {
            "check the container and the account in the URL"
        }
        "ResourceNotFound" | "FilesystemNotFound" => "check the container and the path in the URL",
        "InvalidResourceName" => "check the container in the URL",
        "AuthenticationFailed" => {
            "check `azure_storage_account_key` or `azure_storage_sas_key`: it is of another account, has expired, or the \
             clock of this machine is not right"
        }
        "AuthorizationFailure" => {
            "the account of the store refuses it: by its firewall, or because the key or SAS token does not allow to \
             list and to read"
        }
        "AuthorizationPermissionMismatch" | "InsufficientAccountPermissions" => {
            "grant the role `Storage Blob Data Reader`; a SAS token has to allow to list and to read (`sp=rl`)"
        }
        "AuthorizationResourceTypeMismatch" => {
            "the SAS token has to be for containers and objects (`srt=co`)"
        }
        "AuthorizationServiceMismatch" => "the SAS token has to be for blobs (`ss=b`)",
        "AuthorizationProtocolMismatch" => {
            "the SAS token is for `https` alone: write the endpoint with `https`"
        }
        "AuthorizationSourceIPMismatch" => {
            "the SAS token does not allow the address of this machine"
        }
        "NoAuthenticationInformation"
        | "PublicAccessNotPermitted"
        | "KeyBasedAuthenticationNotPermitted" => {
            "declare credentials that the account of the store accepts, for example `azure_storage_client_id` with \
             its secret"
        }
        "InvalidAuthenticationInfo" => {
            "the token is of another audience or has expired: renew the credentials"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
