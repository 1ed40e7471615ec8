import type { RoteyError } from '../errors.ts';
import { isCauseCode } from './causes.ts';
import { diagnoseCalls, diagnoseHttp2, diagnoseUnused } from './diagnose-calls.ts';
import { diagnoseNetwork } from './diagnose-network.ts';
import { diagnoseProtocol, diagnoseServerCertificate } from './diagnose-peer.ts';
import { diagnoseRefusal } from './diagnose-refusal.ts';
import { contextOf, type Diagnosis, type Evidence, found } from './evidence.ts';

/** Names the cause of what a probe found, or nothing when everything is as it should be. Pure. */
export function diagnose(evidence: Evidence): Diagnosis | undefined {
  const { failure } = evidence.report;
  const diagnosis =
    diagnoseNetwork(evidence) ??
    diagnoseServerCertificate(evidence) ??
    diagnoseProtocol(evidence) ??
    diagnoseRefusal(evidence) ??
    diagnoseHttp2(evidence) ??
    diagnoseCalls(evidence) ??
    diagnoseUnused(evidence);
  return diagnosis ?? (failure === undefined ? undefined : diagnoseOther(failure));
}

/** Reading failed: the error says what there is to say. */
export function diagnoseReading(error: RoteyError): Diagnosis | undefined {
  return isCauseCode(error.code) ? found(error.code, error.message) : undefined;
}

function diagnoseOther(failure: RoteyError): Diagnosis {
  const { step } = contextOf(failure);
  if (step === 'system-info' || step === 'namespace') {
    return found(failure.code === 'ROTEY_RPC_TIMEOUT' ? 'ROTEY_RPC_TIMEOUT' : 'ROTEY_RPC_UNAVAILABLE', failure.message);
  }
  return found(
    failure.context['unusable'] === true ? 'ROTEY_CHECK_PAIR_UNUSABLE' : 'ROTEY_TLS_FAILED',
    failure.message,
  );
}
