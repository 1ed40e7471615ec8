import { contextOf, type Diagnosis, type Evidence, found } from './evidence.ts';

/** Failures before TLS; undefined for all others. */
export function diagnoseNetwork({ report, subject }: Evidence): Diagnosis | undefined {
  const { failure } = report;
  if (failure === undefined) return undefined;
  const { message } = failure;
  switch (contextOf(failure).step) {
    case 'address':
      return found('ROTEY_ADDRESS_INVALID', message);
    case 'dns':
      return found(
        isNoName(contextOf(failure).errorCode) ? 'ROTEY_CHECK_NAME_UNKNOWN' : 'ROTEY_CHECK_NAME_UNANSWERED',
        message,
      );
    case 'tcp':
      if (subject.httpConnectProxy !== undefined) return found('ROTEY_CHECK_PROXY_UNREACHABLE', message);
      return diagnoseTcp(failure.code, contextOf(failure).errorCode, message);
    case 'proxy':
      return diagnoseProxy(failure.code, contextOf(failure).httpStatus, message);
    default:
      return undefined;
  }
}

function isNoName(errorCode: string): boolean {
  return errorCode === 'ENOTFOUND' || errorCode === 'ENODATA';
}

function diagnoseTcp(code: string, errorCode: string, message: string): Diagnosis {
  if (code === 'ROTEY_CONNECT_REFUSED') return found('ROTEY_CONNECT_REFUSED', message);
  const silent = code === 'ROTEY_CONNECT_TIMEOUT' || errorCode === 'ETIMEDOUT';
  return found(silent ? 'ROTEY_CONNECT_TIMEOUT' : 'ROTEY_CHECK_NO_ROUTE', message);
}

function diagnoseProxy(code: string, httpStatus: number | undefined, message: string): Diagnosis {
  if (code === 'ROTEY_CONNECT_TIMEOUT') return found('ROTEY_CHECK_PROXY_SILENT', message);
  if (httpStatus === undefined) return found('ROTEY_CHECK_PROXY_NOT_HTTP', message);
  if (httpStatus === 407) return found('ROTEY_CHECK_PROXY_CREDENTIALS', message);
  return found(httpStatus >= 500 ? 'ROTEY_CHECK_PROXY_NO_WAY' : 'ROTEY_CHECK_PROXY_DENIED', message);
}
