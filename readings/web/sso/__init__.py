"""The log-in through a provider, and the second factor: the extra `sso`, imported only if SSO_ISSUER is set."""
