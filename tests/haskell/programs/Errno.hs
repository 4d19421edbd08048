-- errno belongs to a thread and becomes an IOError with the right text. Catches an errno that
-- is lost between C and Haskell.
module Main (main) where

import Control.Concurrent
import Foreign
import Foreign.C
import System.IO.Error

foreign import ccall unsafe "stdlib.h strtol" cStrtol :: CString -> Ptr CString -> CInt -> IO CLong

main :: IO ()
main = do
  resetErrno
  n <- withCString "999999999999999999999999" (\p -> cStrtol p nullPtr 10)
  e <- getErrno
  print (n == maxBound, e == eRANGE)
  done <- newEmptyMVar
  _ <- forkIO (resetErrno >> yield >> getErrno >>= \e' -> putMVar done (e' == eOK))
  takeMVar done >>= print
  mapM_ (\(name, en) -> putStrLn (name ++ ": " ++ show (errnoToIOError "here" en Nothing (Just "file")))) [("ENOENT", eNOENT), ("EACCES", eACCES), ("EEXIST", eEXIST), ("ENOSYS", eNOSYS), ("EROFS", eROFS), ("EINVAL", eINVAL), ("EAGAIN", eAGAIN), ("EPIPE", ePIPE)]
  r <- tryIOError (throwErrnoIfMinus1 "call" (return (-1 :: Int)))
  putStrLn (either (const "thrown") show r)
