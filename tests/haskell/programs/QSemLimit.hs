-- A QSem lets three threads in at a time, a QSemN five units. Catches a semaphore that lets in
-- more, or a wake-up that is lost.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.IORef

main :: IO ()
main = do
  sem <- newQSem 3
  run (bracket_ (waitQSem sem) (signalQSem sem))
  semN <- newQSemN 5
  run (bracket_ (waitQSemN semN 2) (signalQSemN semN 2))

run :: (IO () -> IO ()) -> IO ()
run guarded = do
  inside <- newIORef (0 :: Int)
  most <- newIORef 0
  dones <- forM [1 .. 12 :: Int] $ \_ -> do
    done <- newEmptyMVar
    _ <- forkIO $ do
      guarded $ do
        n <- atomicModifyIORef' inside (\i -> (i + 1, i + 1))
        atomicModifyIORef' most (\m -> (max m n, ()))
        yield >> yield
        atomicModifyIORef' inside (\i -> (i - 1, ()))
      putMVar done ()
    return done
  mapM_ takeMVar dones
  m <- readIORef most
  n <- readIORef inside
  putStrLn ("most at once " ++ show m ++ ", left inside " ++ show n)
