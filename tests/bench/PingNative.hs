{-# LANGUAGE CApiFFI #-}
-- | What two domains do over an event channel, done by two Linux processes: a message of a word there
-- and its answer back, over a pair of pipes or a Unix socket. Prints nanoseconds a round trip.
--
-- usage: PingNative pipe|socket COUNT
module Main (main) where

import Control.Monad
import Data.Word
import Foreign hiding (void)
import Foreign.C
import GHC.Clock (getMonotonicTimeNSec)
import System.Environment
import System.Posix

foreign import capi "sys/socket.h socketpair" c_socketpair :: CInt -> CInt -> CInt -> Ptr CInt -> IO CInt
foreign import capi "sys/socket.h value AF_UNIX" afUnix :: CInt
foreign import capi "sys/socket.h value SOCK_STREAM" sockStream :: CInt

-- | For each of the two ends: where it reads, and where it writes.
ends :: String -> IO ((Fd, Fd), (Fd, Fd))
ends "pipe" = do
  (readA, writeB) <- createPipe
  (readB, writeA) <- createPipe
  return ((readA, writeA), (readB, writeB))
ends "socket" = allocaArray 2 $ \pair -> do
  _ <- throwErrnoIfMinus1 "socketpair" (c_socketpair afUnix sockStream 0 pair)
  [a, b] <- map Fd <$> peekArray 2 pair
  return ((a, a), (b, b))
ends other = ioError (userError ("pipe or socket, not " ++ other))

-- | Blocking calls, since nobody else has anything to do meanwhile.
exchange :: (Fd, Fd) -> Bool -> Word64 -> IO ()
exchange (from, to) first count = alloca $ \word -> do
  let send = void (fdWriteBuf to (castPtr word) 8)
      receive = void (fdReadBuf from (castPtr word) 8)
  poke word (0 :: Word64)
  forM_ [1 .. count] $ \_ ->
    if first then send >> receive else receive >> modifyWord word >> send
  where
    modifyWord word = peek word >>= poke word . (+ 1)

main :: IO ()
main = do
  [kind, number] <- getArgs
  let count = read number
  (a, b) <- ends kind
  child <- forkProcess (exchange b False count)
  start <- getMonotonicTimeNSec
  exchange a True count
  end <- getMonotonicTimeNSec
  _ <- getProcessStatus True False child
  print ((end - start) `div` count)
