-- An exception in a finalizer disturbs neither the program nor the other finalizers. Catches a
-- finalizer thread that ends the guest.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Data.IORef
import System.Mem
import System.Mem.Weak

main :: IO ()
main = do
  out <- newEmptyMVar
  a <- newIORef 'a'
  b <- newIORef 'b'
  wa <- mkWeakIORef a (throwIO (userError "in a finalizer"))
  wb <- mkWeakIORef b (putMVar out "the second ran")
  readIORef a >>= print
  readIORef b >>= print
  performGC
  takeMVar out >>= putStrLn
  deRefWeak wa >>= putStrLn . maybe "Nothing" (const "still there")
  deRefWeak wb >>= putStrLn . maybe "Nothing" (const "still there")
